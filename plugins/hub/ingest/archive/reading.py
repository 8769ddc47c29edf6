"""Reading the archive again: archived rows of loaded deliveries, as Arrow tables."""

import uuid
from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import sqlalchemy as sa

from hub.ingest.archive.objects import read_file
from hub.ingest.archive.queries import files_of
from hub.settings import Settings
from hub.warehouse.engine import begin

DELIVERY_ID = "_delivery_id"


def read_archive(
    settings: Settings, engine: sa.Engine, feed: str, *, sender: str | None = None, day: date | None = None
) -> Iterator[pa.Table]:
    """The archived rows of a feed, file by file, with delivery and row number; of one ``sender`` (as it writes itself)
    or one ``day`` only those files are opened. A record of which a later delivery has another version is there in both;
    the sums that dbt makes count the newest. Raises :class:`~hub.vault.encrypted_file.FileDamaged`, and
    FileNotFoundError where a delivery was withdrawn meanwhile."""
    with begin(engine) as connection:
        files = files_of(connection, feed, sender=sender, day=day)
    for one in files:
        yield with_delivery(read_file(settings, one.name), one.delivery_id)


def with_delivery(rows: pa.Table, delivery_id: uuid.UUID) -> pa.Table:
    """The rows with the delivery that brought them."""
    return rows.append_column(DELIVERY_ID, pa.repeat(pa.scalar(str(delivery_id)), rows.num_rows))
