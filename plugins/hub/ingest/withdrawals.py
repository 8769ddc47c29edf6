"""A delivery's rows leave the warehouse's own tables; what other deliveries also brought stays with those.

Every function works in the caller's transaction.
"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.deliveries import DeliveryStatus
from hub.monitoring.profile import forget_profile
from hub.vault.tables import QUARANTINED_TEXTS, SUBJECT_KEYS, vault_table
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS, RESTATED_RECORDS, raw_table

HEIRS = """
    create temporary table heirs on commit drop as
    select distinct on (restated.record_hash)
        restated.record_hash, restated.delivery_id, restated.row_number, heir.loaded_at
    from {raw} as records
    inner join ledger.restated_records as restated on restated.record_hash = records._record_hash
    inner join ledger.deliveries as heir on heir.delivery_id = restated.delivery_id
    where records._delivery_id = :delivery_id and heir.feed = :feed
        and case when cast(:numbers as bigint[]) is null then restated.delivery_id <> :delivery_id
            else records._row_number = any(:numbers) end
    order by restated.record_hash, heir.arrival_number, heir.received_at, restated.row_number
"""
"""Of each record that only this delivery brought into raw and another states again, who would have brought it. Of some
rows alone (``numbers``), a later row of the delivery itself would have, too."""

INHERIT = (
    "update {raw} as records set _delivery_id = heirs.delivery_id, _row_number = heirs.row_number,"
    " _loaded_at = heirs.loaded_at from heirs where heirs.record_hash = records._record_hash",
    "delete from ledger.restated_records as restated using heirs"
    " where heirs.delivery_id = restated.delivery_id and heirs.row_number = restated.row_number",
    "update ledger.deliveries as heir set rows_accepted = rows_accepted + counted.rows,"
    " rows_duplicate = rows_duplicate - counted.rows"
    " from (select delivery_id, count(*) as rows from heirs group by delivery_id) as counted"
    " where counted.delivery_id = heir.delivery_id",
)


def hand_over_records(
    connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID, numbers: Sequence[int] | None = None
) -> list[uuid.UUID]:
    """Give records that other deliveries state again to the first of those, as if this one, or these rows of it, had
    never come. Returns those deliveries."""
    raw = connection.dialect.identifier_preparer.format_table(raw_table(contract))
    of = {"delivery_id": delivery_id, "feed": contract.feed, "numbers": None if numbers is None else list(numbers)}
    connection.execute(sa.text(HEIRS.format(raw=raw)), of)
    for statement in INHERIT:
        connection.execute(sa.text(statement.format(raw=raw)))
    heirs = list[uuid.UUID](connection.execute(sa.text("select distinct delivery_id from heirs order by 1")).scalars())
    connection.execute(sa.text("drop table heirs"))
    return heirs


def remove_rows(connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID) -> int:
    """Take what a delivery brought out of raw, vault, quarantine and profiles. Returns how many records went."""
    raw, vault = raw_table(contract), vault_table(contract)
    quarantined = sa.select(QUARANTINED_ROWS.c.quarantine_id).where(QUARANTINED_ROWS.c.delivery_id == delivery_id)
    texts = QUARANTINED_TEXTS.c.quarantine_id
    connection.execute(sa.delete(QUARANTINED_TEXTS).where(texts.in_(quarantined)))
    for table in (RESTATED_RECORDS, SUBJECT_KEYS, QUARANTINED_ROWS):
        connection.execute(sa.delete(table).where(table.c.delivery_id == delivery_id))
    forget_profile(connection, delivery_id)
    if vault is not None:
        connection.execute(sa.delete(vault).where(vault.c["_delivery_id"] == delivery_id))
    return int(connection.execute(sa.delete(raw).where(raw.c["_delivery_id"] == delivery_id)).rowcount)


def accepted_numbers(connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID) -> list[int]:
    """Row numbers of a delivery's rows in raw, but for those that a person released later."""
    raw, rows = raw_table(contract), QUARANTINED_ROWS.c
    released = sa.select(rows.row_number).where(rows.delivery_id == delivery_id)
    query = sa.select(raw.c["_row_number"]).where(raw.c["_delivery_id"] == delivery_id)
    return list(connection.execute(query.where(raw.c["_row_number"].not_in(released))).scalars())


def note_withdrawn(connection: sa.Connection, delivery_id: uuid.UUID, *, because: str, decided_by: str) -> None:
    """Write into the ledger who withdrew a delivery and why, also beside later arrivals of the same bytes."""
    columns = DELIVERIES.c
    reason = sa.func.concat(
        f"withdrawn by {decided_by} on ",
        sa.func.to_char(sa.func.timezone("Europe/London", sa.func.clock_timestamp()), "YYYY-MM-DD"),
        f": {because}",
    )
    this = sa.update(DELIVERIES).where(columns.delivery_id == delivery_id)
    values = {
        "status": DeliveryStatus.WITHDRAWN,
        "withdrawn_at": sa.func.clock_timestamp(),
        "withdrawn_by": decided_by,
        "withdrawn_because": because,
        "reason": reason,
    }
    connection.execute(this.values(values))
    repeats = sa.update(DELIVERIES).where(columns.duplicate_of == delivery_id, columns.status == "duplicate")
    connection.execute(repeats.values(reason=sa.func.concat(f"the same bytes as delivery {delivery_id}, ", reason)))


def note_restored(connection: sa.Connection, delivery_id: uuid.UUID) -> None:
    """A withdrawn delivery is received once more; who withdrew it once stays in the ledger."""
    columns = DELIVERIES.c
    none = {"rows_read": 0, "rows_accepted": 0, "rows_quarantined": 0, "rows_duplicate": 0}
    this = sa.update(DELIVERIES).where(columns.delivery_id == delivery_id)
    connection.execute(this.values(status=DeliveryStatus.RECEIVED, reason=None, **none))
    repeats = sa.update(DELIVERIES).where(columns.duplicate_of == delivery_id, columns.status == "duplicate")
    connection.execute(repeats.values(reason=f"the same bytes as delivery {delivery_id}"))
