"""Files of the archive that no row of the ledger names: those of loads that were killed, refused or held, and of
deliveries that were withdrawn. Nobody reads them, and they go."""

import uuid
from collections.abc import Iterator

import sqlalchemy as sa

from hub.ingest.archive.objects import names_of, remove_files, remove_unfinished
from hub.ingest.archive.queries import files_of_delivery
from hub.settings import Settings
from hub.warehouse.engine import begin
from hub.warehouse.tables import DELIVERIES


def remove_unlisted(settings: Settings, engine: sa.Engine, feed: str, delivery_id: uuid.UUID) -> int:
    """Remove what a delivery has in the store and the ledger does not list. A load of it that runs is waited for.
    Returns how many files went."""
    with begin(engine) as connection:
        # A load holds this row until its files are listed.
        this = sa.select(DELIVERIES.c.delivery_id).where(DELIVERIES.c.delivery_id == delivery_id)
        connection.execute(this.with_for_update())
        listed = {one.name for one in files_of_delivery(connection, delivery_id)}
        unlisted = [name for name in names_of(settings, feed, delivery_id) if name not in listed]
        remove_files(settings, unlisted)
    return len(unlisted)


def remove_all_unlisted(settings: Settings, engine: sa.Engine) -> int:
    """The same for every delivery that has something in the store. Returns how many files went."""
    remove_unfinished(settings)
    return sum(remove_unlisted(settings, engine, feed, one) for feed, one in sorted(set(_deliveries(settings))))


def _deliveries(settings: Settings) -> Iterator[tuple[str, uuid.UUID]]:
    for name in names_of(settings):
        feed, delivery_id, *_ = name.split("/")
        yield feed, uuid.UUID(delivery_id)
