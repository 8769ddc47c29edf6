"""``hub backup``: everything that a restore needs, as of now."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from hub.backup import base, keys_apart, landing_copy, publish_sums
from hub.backup.base import Base
from hub.backup.places import places_of_own_server
from hub.backup.wal import keep_beside
from hub.settings import Settings
from hub.warehouse.engine import open_as_administrator
from hub.warehouse.tables import DELIVERIES


@dataclass(frozen=True)
class Made:
    """What a backup made: the base backup and its size, how many files of keys were new or changed, and what went
    because it is old."""

    base: Base
    bytes: int
    count_keys: int
    count_gone: int


def make_backup(settings: Settings) -> Made:
    """Copy the keys apart, then take a base backup, and remove what is too old. Raises
    :class:`~hub.backup.places.BackupProblem`."""
    places = places_of_own_server(settings)
    # The keys first: what nobody can decrypt is no backup.
    count_keys = keys_apart.export_keys(settings, places.keys)
    administrator = open_as_administrator(settings)
    keep_beside(settings, places)
    made = base.take(settings, places, administrator)
    publish_sums.note_publishes(places, administrator)
    gone = base.forget_old(places, settings.backup_days, datetime.now(UTC))
    with administrator.connect() as connection:
        known: set[str] = set(connection.execute(sa.select(DELIVERIES.c.landing_path)).scalars())
    landing_copy.forget_unknown(settings, places.landing, known)
    return Made(made, made.path.stat().st_size, count_keys, len(gone))
