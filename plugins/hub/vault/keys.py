"""Which versions of the hub's keys a feed's raw rows stand at."""

import sqlalchemy as sa

from hub.settings import Settings
from hub.vault.hub_keys import Purpose, RowKeys, read_ring
from hub.vault.tables import FEED_KEY_VERSIONS

IN_RAW = (Purpose.PERSON, Purpose.TEXT, Purpose.RECORD)
"""The purposes whose keys stand behind what raw holds."""


def feed_keys(connection: sa.Connection, settings: Settings, feed: str) -> RowKeys:
    """The keys for rows of a feed, which the caller holds against other loads (``lock_feed``): those that its rows are
    of. A feed that has none yet begins with the newest."""
    rings = {purpose.value: read_ring(settings, purpose) for purpose in IN_RAW}
    columns = FEED_KEY_VERSIONS.c
    query = sa.select(columns.purpose, columns.version).where(columns.feed == feed)
    known: dict[str, int] = {row.purpose: row.version for row in connection.execute(query)}
    fresh = [
        {"feed": feed, "purpose": name, "version": ring.newest} for name, ring in rings.items() if name not in known
    ]
    if fresh:
        connection.execute(sa.insert(FEED_KEY_VERSIONS), fresh)
    of_rows = {name: ring.up_to(known.get(name, ring.newest)) for name, ring in rings.items()}
    return RowKeys(**of_rows, master=read_ring(settings, Purpose.MASTER))
