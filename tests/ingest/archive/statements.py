"""Statements of a small register, some of them followed, and what a hub holds of them."""

import csv
import io
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from contracts.samples import stored_sample
from hub.contracts.model import Contract
from hub.ingest.archive.reading import DELIVERY_ID, read_archive
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES
from ingest.deliveries import raw_rows
from ingest.zips_in_parts import zip_of

HATE = ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", '["KEYWORD_HATE_SPEECH"]')
SCAM = ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", '["KEYWORD_PHISHING"]')
MIXED = ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", '["KEYWORD_HATE_SPEECH"]')
"""A keyword of hate under a category that is not of its path."""


def ids(count: int, first: int = 0) -> list[str]:
    """Identifiers as the register gives them."""
    return [str(uuid.UUID(int=(1 << 100) + first + one, version=4)) for one in range(count)]


def a_row(contract: Contract, statement: str, what: tuple[str, str] = SCAM, **changes: str) -> dict[str, str]:
    """A statement that is right."""
    text = stored_sample(contract, "good").read_text(encoding="utf-8-sig")
    first = next(iter(csv.DictReader(io.StringIO(text))))
    return {**first, "uuid": statement, "category": what[0], "category_specification": what[1], **changes}


def a_day(rows: Iterable[dict[str, str]]) -> bytes:
    """Statements as the register sends them."""
    rows = list(rows)
    target = io.StringIO()
    writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return zip_of(target.getvalue().encode())


def archived(settings: Settings, engine: sa.Engine, contract: Contract, **of: Any) -> list[dict[str, Any]]:
    """The rows of the archive, by delivery and row number."""
    tables = list(read_archive(settings, engine, contract.feed, **of))
    rows = pa.concat_tables(tables).to_pylist() if tables else []
    return sorted(rows, key=lambda row: (row[DELIVERY_ID], row["_row_number"]))


def sums(engine: sa.Engine) -> Counter[tuple[Any, ...]]:
    """How many rows the sums count, by delivery, sender, day and category."""
    found: Counter[tuple[Any, ...]] = Counter()
    query = sa.text("select delivery_id, summed_by, count_rows from ledger.archive_sums")
    with engine.connect() as connection:
        for row in connection.execute(query):
            by = row.summed_by
            found[row.delivery_id, by["platform_name"], by["created_at"], by["category"]] += row.count_rows
    return +found


def assert_adds_up(settings: Settings, engine: sa.Engine, contract: Contract) -> None:
    """Of each delivery: accepted rows = rows in raw + rows that its sums count = + keys = + rows of its files."""
    raw: Counter[Any] = Counter(row["_delivery_id"] for row in raw_rows(engine, contract))
    files: Counter[Any] = Counter(uuid.UUID(row[DELIVERY_ID]) for row in archived(settings, engine, contract))
    counted: Counter[Any] = Counter()
    for (delivery_id, *_), count in sums(engine).items():
        counted[delivery_id] += count
    keys: Counter[Any] = Counter()
    query = """
        select sums.delivery_id, count(*) as rows from ledger.archived_records as records
        join ledger.archive_sums as sums using (sum_id) group by sums.delivery_id
    """
    with engine.connect() as connection:
        for row in connection.execute(sa.text(query)):
            keys[row.delivery_id] = row.rows
        deliveries = connection.execute(sa.select(DELIVERIES).where(DELIVERIES.c.feed == contract.feed)).all()
    assert files == counted == keys
    for one in deliveries:
        if one.status != "loaded":
            continue
        assert one.rows_read == one.rows_accepted + one.rows_quarantined + one.rows_duplicate
        assert one.rows_accepted == raw[one.delivery_id] + counted[one.delivery_id], one.status
