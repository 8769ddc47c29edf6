"""Persons whom packages have named and whom the hub keeps no more: their recipients are told to erase them, too.

That a person was erased is seen by the key that is gone from the vault, whoever destroyed it: an erasure, one that a
restore has carried out again, or the withdrawal of the delivery.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from hub.dispatch import ledger, outbox
from hub.dispatch.states import UNANSWERED
from hub.dispatch.tables import NAMED_PERSONS
from hub.settings import Settings
from hub.warehouse.columns import is_one_row_of
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

BECAUSE = "the hub keeps a person whom it names no more: delete it; where the case is still yours, a new one follows"
_GONE = sa.text("""
    select named.dispatch_id, named.report_id, named.role
    from ledger.dispatch_persons as named
    where
        named.told_in is null
        and not exists (
            select from vault.subject_keys as keys
            where
                keys.delivery_id = named.delivery_id
                and keys.row_number = named.row_number
                and keys.subject = named.role
        )
""")
type Person = tuple[uuid.UUID, str]
"""The report that speaks of them, and as what."""


def tell_recipients(settings: Settings, connection: sa.Connection, now: datetime) -> int:
    """Let each recipient be told whom to erase; returns of how many dispatches. One that nobody has answered is
    withdrawn, and the next preparing makes another; of any other the case goes on."""
    gone: dict[uuid.UUID, list[Person]] = defaultdict(list)
    with open_warehouse(settings, Role.DISCLOSER).connect() as reading:
        for row in reading.execute(_GONE):
            gone[row.dispatch_id].append((row.report_id, row.role))
    if not gone:
        return 0
    ledger.hold(connection)
    for one in ledger.read(connection, gone):
        if one.state in UNANSWERED:
            outbox.withdraw(connection, one, now, actor=ledger.HUB, because=BECAUSE)
            document = outbox.WITHDRAWAL
        else:
            document = outbox.tell_of_erasure(connection, one.dispatch_id, now)
        _mark_told(connection, one.dispatch_id, gone[one.dispatch_id], document)
    return len(gone)


def told_in(connection: sa.Connection, dispatch_id: uuid.UUID, document: str) -> list[dict[str, str]]:
    """The persons of whom a document tells, in the order of their reports."""
    table = NAMED_PERSONS.c
    query = sa.select(table.report_id, table.role).where(table.dispatch_id == dispatch_id, table.told_in == document)
    rows = connection.execute(query.order_by(table.report_id, table.role.desc()))
    return [{"report_id": str(row.report_id), "role": row.role} for row in rows]


def _mark_told(connection: sa.Connection, dispatch_id: uuid.UUID, persons: Collection[Person], document: str) -> None:
    table = NAMED_PERSONS
    these = is_one_row_of((table.c.report_id, table.c.role), persons)
    told = sa.update(table).where(table.c.dispatch_id == dispatch_id, these, table.c.told_in.is_(None))
    connection.execute(told.values(told_in=document))
