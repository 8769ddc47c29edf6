"""Landed files that an erasure rewrote, so that the same bytes are recognised when they are delivered again.

Usually the delivery's row in the ledger says that its file was rewritten, and where the new file is. After a restore to
an earlier moment the ledger has no delivery for some files: ``ledger.rewritten_files`` has a row for each of those, and
a later arrival of the same bytes finds it.
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
    """Write down that the delivered bytes at these paths were destroyed and why, and the path of the file that replaces
    each (``instead``). The hash stays that of the delivered bytes, so that these bytes, delivered again, are the same
    delivery. Raises RuntimeError if the ledger no longer has a delivery at one of the ``known`` paths: somebody else
    has rewritten that file meanwhile."""
    for feed in sorted({feed_of(name) for name in instead}):
        ledger.hold_arrivals(connection, feed)
    for name, now in instead.items():
        values = {"landing_path": now, "bytes_destroyed_at": sa.func.now(), "bytes_destroyed_because": because}
        count_deliveries, count_rewritten = (
            connection.execute(sa.update(table).where(table.c.landing_path == name).values(values)).rowcount
            for table in (DELIVERIES, REWRITTEN_FILES)
        )
        if not count_deliveries and name in known:
            raise RuntimeError("a landed file was rewritten by somebody else meanwhile; start again")
        if not count_deliveries and not count_rewritten:
            unknown = {"feed": feed_of(name), "sha256": name.rpartition("/")[2], **values}
            connection.execute(insert(REWRITTEN_FILES).values(unknown).on_conflict_do_nothing())


def kept_instead(connection: sa.Connection, feed: str, sha256: str) -> dict[str, Any]:
    """What a new ledger row of these bytes must say if an erasure destroyed them while the ledger had no delivery of
    them: the path of the file that replaces them, when and why. Empty if there was no such erasure."""
    columns = REWRITTEN_FILES.c
    query = sa.select(columns.landing_path, columns.bytes_destroyed_at, columns.bytes_destroyed_because)
    found = connection.execute(query.where(columns.feed == feed, columns.sha256 == sha256)).mappings().one_or_none()
    return {str(name): value for name, value in found.items()} if found else {}
