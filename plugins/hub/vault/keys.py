"""Which versions of the hub's keys made a feed's raw rows."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.settings import Settings
from hub.vault.hub_keys import Purpose, RowKeys, read_ring
from hub.vault.tables import FEED_KEY_VERSIONS

IN_RAW = (Purpose.PERSON, Purpose.TEXT, Purpose.RECORD)
"""The purposes whose keys made what raw holds."""


def feed_keys(connection: sa.Connection, settings: Settings, feed: str) -> RowKeys:
    """The keys for rows of a feed, which the caller holds against other loads (``lock_feed``): those that its rows are
    of. A feed that has none yet begins with the newest."""
    rings = {purpose: read_ring(settings, purpose) for purpose in IN_RAW}
    known = _versions(connection, feed)
    fresh = [
        {"feed": feed, "purpose": purpose, "version": ring.newest}
        for purpose, ring in rings.items()
        if purpose not in known
    ]
    if fresh:
        # A rotation that begins beside this writes down the same.
        connection.execute(insert(FEED_KEY_VERSIONS).on_conflict_do_nothing(), fresh)
    return known_feed_keys(connection, settings, feed)


def known_feed_keys(connection: sa.Connection, settings: Settings, feed: str) -> RowKeys:
    """The keys that rows of a feed are of, for who looks at them and loads none: nothing is written down."""
    rings, known = {purpose: read_ring(settings, purpose) for purpose in IN_RAW}, _versions(connection, feed)
    of_rows = {purpose.value: ring.up_to(known.get(purpose, ring.newest)) for purpose, ring in rings.items()}
    return RowKeys(**of_rows, master=read_ring(settings, Purpose.MASTER))


def _versions(connection: sa.Connection, feed: str) -> dict[str, int]:
    columns = FEED_KEY_VERSIONS.c
    query = sa.select(columns.purpose, columns.version).where(columns.feed == feed)
    return {row.purpose: row.version for row in connection.execute(query)}
