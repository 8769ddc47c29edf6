"""What a hub holds of people: in its vault and in the texts of its quarantine."""

import contextlib
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from encrypting import vault_rows
from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_quarantined
from hub.warehouse.tables import QUARANTINED_ROWS

TELLING = ("name", "email", "phone", "description", "handle", "identity")
Values = dict[str, list[dict[str, object]]]


def with_personal(catalogue: Catalogue) -> list[str]:
    return [feed for feed, contract in catalogue.contracts.items() if contract.personal_columns]


def values_of(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> Values:
    """What the vault holds of every feed, record by record."""
    return {feed: [dict(row) for row in vault_rows(settings, engine, catalogue.contracts[feed])]
            for feed in with_personal(catalogue)}  # fmt: skip


def words_of(values: Values) -> set[str]:
    """What tells who somebody is, or what was said."""
    told = ((name, str(value)) for rows in values.values() for row in rows for name, value in row.items())
    return {value for name, value in told if name.endswith(TELLING) and len(value) >= 6}


def stated_again(engine: sa.Engine, feed: str, place: tuple[uuid.UUID, int]) -> list[tuple[uuid.UUID, int]]:
    """Where other deliveries state the record of a row again: what they state of its people is erased with it."""
    query = sa.text(f"""
        select again.delivery_id, again.row_number from ledger.restated_records as again
        inner join raw.{feed} as record on again.record_hash = record._record_hash
        where record._delivery_id = :delivery_id and record._row_number = :row_number
    """)
    with engine.connect() as connection:
        rows = connection.execute(query, {"delivery_id": place[0], "row_number": place[1]})
        return [(row.delivery_id, row.row_number) for row in rows]


def quarantined_texts(settings: Settings, engine: sa.Engine) -> dict[uuid.UUID, str]:
    """The texts that quarantine still holds, by row."""
    texts = {}
    with engine.connect() as connection:
        quarantine_ids: Sequence[uuid.UUID] = connection.scalars(sa.select(QUARANTINED_ROWS.c.quarantine_id)).all()
        for quarantine_id in quarantine_ids:
            with contextlib.suppress(LookupError):
                texts[quarantine_id] = read_quarantined(VaultReader(settings, "a test"), connection, quarantine_id)
    return texts
