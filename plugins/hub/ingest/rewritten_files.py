"""Landed files that an erasure rewrote: what is kept in the place of the delivered bytes, whenever these come again.

The ledger's row of a delivery says so. Of some files the ledger knows no delivery, as after a restore to an earlier
moment: those have rows of their own, which a later arrival of the same bytes finds.
"""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.ingest import ledger
from hub.ingest.landing_store import feed_of
from hub.warehouse.columns import instant
from hub.warehouse.tables import DELIVERIES

METADATA = sa.MetaData()
REWRITTEN_FILES = sa.Table(
    "rewritten_files",
    METADATA,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True, comment="Of the bytes as they were delivered"),
    sa.Column("landing_path", sa.Text, nullable=False, comment="What is kept in their place, under the landing folder"),
    instant("bytes_destroyed_at", nullable=False),
    sa.Column("bytes_destroyed_because", sa.Text, nullable=False),
    schema="ledger",
    comment="One row per landed file that an erasure rewrote while the ledger knew no delivery of it",
)


def note_rewritten(
    connection: sa.Connection, instead: Mapping[str, str], because: str, *, known: Collection[str] = ()
) -> None:
    """Write down that the delivered bytes at these places are no longer kept, why, and what is kept in their place. The
    hash stays that of the delivered bytes: the same bytes delivered again are the same delivery. Raises RuntimeError
    where one of the places that are ``known`` to be a delivery's is none any more: somebody else has rewritten it."""
    for feed in sorted({feed_of(name) for name in instead}):
        ledger.hold_arrivals(connection, feed)
    for name, now in instead.items():
        values = {"landing_path": now, "bytes_destroyed_at": sa.func.now(), "bytes_destroyed_because": because}
        count_deliveries, count_unknown = (
            connection.execute(sa.update(table).where(table.c.landing_path == name).values(values)).rowcount
            for table in (DELIVERIES, REWRITTEN_FILES)
        )
        if not count_deliveries and name in known:
            raise RuntimeError("a landed file was rewritten by somebody else meanwhile; start again")
        if not count_deliveries and not count_unknown:
            unknown = {"feed": feed_of(name), "sha256": name.rpartition("/")[2], **values}
            connection.execute(insert(REWRITTEN_FILES).values(unknown).on_conflict_do_nothing())


def kept_instead(connection: sa.Connection, feed: str, sha256: str) -> dict[str, Any]:
    """Of bytes that were rewritten while no delivery of them was known: what the ledger has to say of a delivery."""
    columns = REWRITTEN_FILES.c
    query = sa.select(columns.landing_path, columns.bytes_destroyed_at, columns.bytes_destroyed_because)
    found = connection.execute(query.where(columns.feed == feed, columns.sha256 == sha256)).mappings().one_or_none()
    return {str(name): value for name, value in found.items()} if found else {}
