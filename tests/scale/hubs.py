"""Two hubs that take in the same files, one with Spark and one without, and all that they hold afterwards."""

import csv
import functools
import importlib.util
import io
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import sqlalchemy as sa

from encrypting import vault_rows
from hub.contracts.files import RejectedRows
from hub.contracts.model import Contract
from hub.contracts.values import Compression, FileFormat
from hub.deliveries import DeliveryResult
from hub.ingest import attempt, on_spark
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.ingest.readers import part_groups, read_chunks
from hub.ingest.validation import validate_chunk
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_quarantined
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS
from ingest.archive.statements import archived
from ingest.deliveries import take_in

FILE = "file.csv.zip"
ANY_SHARE = RejectedRows(1.0, 1, "what is wrong with single rows is looked at here, not how many are")
TABLES = """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
"""
COLUMNS = """
    select column_name, data_type from information_schema.columns
    where table_schema = :schema and table_name = :table order by ordinal_position
"""
OF_ONE_RUN = {"bytea", "timestamp with time zone"}
"""Times, and what is encrypted with another nonce each time: that is looked at in clear."""
BY_CHANCE = {"quarantine_id", "alert_id", "audit_id"}
NOT_COMPARED = {"ledger.profiles", "ledger.archive_files", "audit.log"}
"""Of profiles samples, times and pairs are chosen chunk by chunk, and chunks are cut otherwise here and there, as are
files of the archive, of which the rows are compared; the log notes who looked, as these tests do."""


@functools.cache
def missing() -> str | None:
    """What Spark needs and this machine lacks."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not here: scripts/set-up spark"
    if shutil.which("java") is None:
        return "java is not here"
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    return None if version and int(version[1]) >= 17 else "Java 17 is not here"


needs_spark = pytest.mark.skipif(missing() is not None, reason=missing() or "")


def in_order(contract: Contract) -> Contract:
    """This feed as a zip file of CSV parts that is read in order."""
    form = replace(
        contract.form,
        formats=(FileFormat.CSV,),
        compression=Compression.ZIP,
        has_parts=True,
        spark_from_bytes=None,
        row_path=None,
        count_attribute=None,
    )
    return replace(contract, form=form)


def by_spark(contract: Contract) -> Contract:
    """The same, which Spark reads however small it is."""
    one = in_order(contract)
    return replace(one, form=replace(one.form, spark_from_bytes=0))


@dataclass
class Watched:
    """Who read and validated a delivery: rows that came from Spark, and chunks that this process read or validated."""

    rows_of_spark: int = 0
    chunks_of_spark: int = 0
    was_asked: int = 0
    was_used: int = 0
    read_here: int = 0
    validated_here: int = 0

    def assert_spark_did_all(self, result: DeliveryResult) -> None:
        """No row was read or validated by the process that loads."""
        assert self.was_used == self.was_asked > 0, self
        assert (self.read_here, self.validated_here) == (0, 0), self
        assert self.rows_of_spark == result.rows_read * self.was_used, self

    def assert_read_in_order(self) -> None:
        """Spark was not used, or what it gave was thrown away."""
        assert self.read_here > 0, self


@contextmanager
def watched() -> Iterator[Watched]:
    """Watch what happens in this process, of whatever delivery."""
    seen = Watched()
    asked, read, validated = on_spark.validated_on_spark, read_chunks, validate_chunk

    def ask(*given: Any) -> Any:
        seen.was_asked += 1
        found = asked(*given)
        if found is None:
            return None
        seen.was_used += 1
        return counted(found)

    def counted(chunks: Any) -> Iterator[Any]:
        for chunk, verdict in chunks:
            seen.rows_of_spark += chunk.count_rows
            seen.chunks_of_spark += 1
            yield chunk, verdict

    def count_read(*given: Any) -> Any:
        seen.read_here += 1
        return read(*given)

    def count_validated(*given: Any) -> Any:
        seen.validated_here += 1
        return validated(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempt, "validated_on_spark", ask)
        patch.setattr(attempt, "read_chunks", count_read)
        patch.setattr(attempt, "validate_chunk", count_validated)
        patch.setattr(on_spark, "validate_chunk", count_validated)
        yield seen


@contextmanager
def small_groups(size: int = 1) -> Iterator[None]:
    """Groups of a member each, or of members of so many bytes together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_groups, "GROUP_BYTES", size)
        yield


@dataclass
class Both:
    """A hub that reads in order, and one with Spark; both have the same keys."""

    ordered: Settings
    spark: Settings
    engines: dict[str, sa.Engine] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engines = {one.home.name: open_warehouse(one, Role.OWNER) for one in (self.ordered, self.spark)}

    def engine(self, settings: Settings) -> sa.Engine:
        return self.engines[settings.home.name]

    def in_order(self, contract: Contract, data: bytes, name: str = FILE) -> DeliveryResult:
        """What comes of a file that is read in order."""
        return take_in(self.ordered, self.engine(self.ordered), in_order(contract), data, name)

    def on_spark(
        self, contract: Contract, data: bytes, name: str = FILE, *, groups: int = 1_000_000
    ) -> tuple[DeliveryResult, Watched]:
        """What comes of it on Spark in about so many groups, each of a member at least, and who did it."""
        with small_groups(len(data) // groups + 1), watched() as seen:
            return take_in(self.spark, self.engine(self.spark), by_spark(contract), data, name), seen

    def waiting(self, contract: Contract, **how: Any) -> tuple[DeliveryResult, Watched]:
        """What comes on Spark of the one file that was received and has no end."""
        with small_groups(), watched() as seen:
            (one,) = awaiting(self.engine(self.spark), contract.feed)
            return ingest_delivery(self.spark, self.engine(self.spark), by_spark(contract), one, **how), seen

    def deliver(
        self, contract: Contract, data: bytes, name: str = FILE, *, groups: int = 1_000_000
    ) -> tuple[DeliveryResult, DeliveryResult, Watched]:
        """What comes of a file in order, and on Spark."""
        return self.in_order(contract, data, name), *self.on_spark(contract, data, name, groups=groups)

    def assert_equal(self, *contracts: Contract) -> None:
        """Every table, every personal value and text in clear, and every error file."""
        ordered, spark = (held(one, self.engine(one), contracts) for one in (self.ordered, self.spark))
        assert ordered.keys() == spark.keys()
        for table, rows in ordered.items():
            assert rows == spark[table], first_difference(table, rows, spark[table])


def first_difference(table: str, rows: list[str], others: list[str]) -> str:
    """Where two tables differ first."""
    pairs = [(one, other) for one, other in zip(rows, others, strict=False) if one != other]
    said = f"\n  in order: {pairs[0][0][:1500]}\n  on Spark: {pairs[0][1][:1500]}" if pairs else ""
    return f"{table}: {len(rows)} rows in order, {len(others)} on Spark, {len(pairs)} differ{said}"


def held(settings: Settings, engine: sa.Engine, contracts: tuple[Contract, ...]) -> dict[str, list[str]]:
    """All that a hub holds, without what is another in each run: its tables, vault and outbox, sorted."""
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for name, query in queries(connection):
            found[name] = sorted(
                row[0] for row in connection.execute(sa.text(f"select row_to_json(t)::text from {query}"))
            )
        found["texts"] = sorted(texts(settings, connection))
    for contract in contracts:
        found[f"vault of {contract.feed}"] = [str(row) for row in vault_rows(settings, engine, contract)]
        found[f"archive of {contract.feed}"] = [str(row) for row in archived(settings, engine, contract)]
    for path in sorted(settings.outbox.rglob("*")):
        if path.is_file():
            found[f"outbox/{path.relative_to(settings.outbox)}"] = lines_of(path.read_text(encoding="utf-8"))
    return found


def queries(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Every table, and what of its columns is the same in each run."""
    for schema, table in connection.execute(sa.text(TABLES)).all():
        named = connection.execute(sa.text(COLUMNS), {"schema": schema, "table": table})
        names = [one for one, kind in named if kind not in OF_ONE_RUN and one not in BY_CHANCE]
        if names and f"{schema}.{table}" not in NOT_COMPARED:
            chosen = ", ".join(f'"{one}"' for one in names)
            yield f"{schema}.{table}", f'(select {chosen} from "{schema}"."{table}") t'


def fingerprints(engine: sa.Engine) -> dict[str, tuple[Any, ...]]:
    """Of each table how many rows it has and a sum of their hashes: where they are too many to look at each."""
    with engine.connect() as connection:
        return {
            name: tuple(
                connection.execute(sa.text(f"select count(*), sum(hashtextextended(t::text, 7)) from {query}")).one()
            )
            for name, query in queries(connection)
        }


def texts(settings: Settings, connection: sa.Connection) -> Iterator[str]:
    """Quarantined rows with their own text."""
    reader = VaultReader(settings, "a test")
    columns = QUARANTINED_ROWS.c
    query = sa.select(columns.delivery_id, columns.row_number, columns.quarantine_id)
    for delivery_id, row_number, quarantine_id in connection.execute(query).all():
        assert isinstance(quarantine_id, uuid.UUID)
        yield f"{delivery_id} {row_number:>9} {read_quarantined(reader, connection, quarantine_id)!r}"


def lines_of(text: str) -> list[str]:
    """The records of an error file, in its own order."""
    return [str(row) for row in csv.reader(io.StringIO(text))]


def answer(result: DeliveryResult) -> DeliveryResult:
    """What came of a delivery, without how long it took."""
    return replace(result, seconds=0.0)


def rule_counts(engine: sa.Engine) -> list[Any]:
    """What the ledger says of the rules of all deliveries."""
    with engine.connect() as connection:
        return list(connection.execute(sa.select(DELIVERIES.c.rule_counts).order_by(DELIVERIES.c.arrival_number)))
