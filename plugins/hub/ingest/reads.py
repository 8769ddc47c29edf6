"""Marks in the ledger that a delivery is being read, so that a file which kills its workers comes to an end.

A mark is committed before the file is opened, and taken back when the read fails with an error. One that is left is of
a worker that died, unless the database server was restarted since: that ends reads through no fault of the file. One
worker at a time reads a delivery: the marks of several at once would look like those of workers that died.
"""

import contextlib
import uuid
from collections.abc import Iterator

import sqlalchemy as sa
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from hub.deliveries import DeliveryStatus
from hub.warehouse.engine import begin
from hub.warehouse.tables import DELIVERIES

MOST_DEAD_WORKERS = 2
"""One death can be chance; after so many the file is not read again."""

PATIENCE_SECONDS = 60
"""For so long the mark is removed again and again while the database is away: a machine can be cut off from it."""
READ_LOCK_SPACE = 4_207_013
SERVER_SINCE = sa.func.pg_postmaster_start_time()


@contextlib.contextmanager
def marked_read(engine: sa.Engine, delivery_id: uuid.UUID, takes: set[DeliveryStatus]) -> Iterator[None]:
    """Mark a delivery of one of these statuses as being read. An end that is written takes the mark away by itself. A
    read that fills the memory counts as one whose worker died: the next one would do no better. Waits for a worker that
    reads the same delivery."""
    with begin(engine) as waiting:
        of_delivery = sa.func.hashtext(str(delivery_id))
        waiting.execute(sa.select(sa.func.pg_advisory_xact_lock(READ_LOCK_SPACE, of_delivery)))
        _begin(engine, delivery_id, takes)
        try:
            yield
        except MemoryError:
            raise
        except BaseException:
            # If the database stays away the mark stays too; a restart of the server then makes it void.
            with contextlib.suppress(sa.exc.OperationalError):
                _take_back(engine, delivery_id)
            raise


def is_unreadable(delivery: sa.Row[tuple[object, ...]]) -> bool:
    """Whether too many workers have died of a delivery; its own read is marked already."""
    return bool(delivery.unfinished_reads > MOST_DEAD_WORKERS)


def _begin(engine: sa.Engine, delivery_id: uuid.UUID, takes: set[DeliveryStatus]) -> None:
    columns = DELIVERIES.c
    is_excused = columns.read_on_server_since.is_distinct_from(SERVER_SINCE)
    left = columns.unfinished_reads - sa.case((is_excused, 1), else_=0)
    marked = sa.update(DELIVERIES).where(columns.delivery_id == delivery_id, columns.status.in_(takes))
    with begin(engine) as connection:
        connection.execute(
            marked.values(unfinished_reads=sa.func.greatest(left, 0) + 1, read_on_server_since=SERVER_SINCE)
        )


def _take_back(engine: sa.Engine, delivery_id: uuid.UUID) -> None:
    columns = DELIVERIES.c
    one_less = sa.func.greatest(columns.unfinished_reads - 1, 0)
    taken_back = sa.update(DELIVERIES).where(columns.delivery_id == delivery_id)
    for attempt in Retrying(
        retry=retry_if_exception_type(sa.exc.OperationalError),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_fixed(1),
        reraise=True,
    ):
        with attempt, begin(engine) as connection:
            connection.execute(taken_back.values(unfinished_reads=one_less, read_on_server_since=SERVER_SINCE))
