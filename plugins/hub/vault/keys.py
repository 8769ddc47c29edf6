"""Which versions of the hub's keys a feed's raw rows stand at."""

from dataclasses import replace

import sqlalchemy as sa

from hub.settings import Settings
from hub.vault.hub_keys import Keys, Purpose, read_keys
from hub.vault.tables import FEED_KEY_VERSIONS

IN_RAW = (Purpose.PERSON, Purpose.TEXT, Purpose.RECORD)
"""The purposes whose keys stand behind what raw holds."""


def feed_keys(connection: sa.Connection, settings: Settings, feed: str) -> Keys:
    """The keys for rows of a feed, which the caller holds against other loads (``lock_feed``): those that its rows are
    of. A feed that has none yet begins with the newest."""
    keys = read_keys(settings)
    columns = FEED_KEY_VERSIONS.c
    query = sa.select(columns.purpose, columns.version).where(columns.feed == feed)
    known: dict[str, int] = {row.purpose: row.version for row in connection.execute(query)}
    rings = {purpose.value: getattr(keys, purpose) for purpose in IN_RAW}
    fresh = [
        {"feed": feed, "purpose": name, "version": ring.newest} for name, ring in rings.items() if name not in known
    ]
    if fresh:
        connection.execute(sa.insert(FEED_KEY_VERSIONS), fresh)
    return replace(keys, **{name: ring.up_to(known.get(name, ring.newest)) for name, ring in rings.items()})
