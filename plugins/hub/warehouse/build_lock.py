"""One build or publish of a warehouse at a time, also while a build pauses between two of its tasks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa

from hub.warehouse.holding_auditors import no_auditor_holds
from hub.warehouse.tables import BUILDS

BUILD_LOCK = 4_207_003
PAUSE_SECONDS = 120
"""So long may pass between two steps of a build that are tasks of their own; after it, the build is given up."""
LOOK_SECONDS = 1.0


@contextmanager
def one_build_at_a_time(engine: sa.Engine, *, build_id: int | None = None) -> Iterator[None]:
    """Wait for any other build or publish of this warehouse, and keep others waiting until this is done. ``build_id``
    is the build whose next step this is; others wait for its end, not only for that of the step."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(BUILD_LOCK)))
        while _is_between_steps(connection, but=build_id):
            connection.execute(sa.select(sa.func.pg_advisory_unlock(BUILD_LOCK)))
            time.sleep(LOOK_SECONDS)
            connection.execute(sa.select(sa.func.pg_advisory_lock(BUILD_LOCK)))
        try:
            with no_auditor_holds(engine):
                yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(BUILD_LOCK)))


def lock_builds(connection: sa.Connection) -> None:
    """The same lock, held to the end of this transaction."""
    while True:
        attempt = connection.begin_nested()
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(BUILD_LOCK)))
        if not _is_between_steps(connection):
            attempt.commit()
            return
        attempt.rollback()  # gives the lock back
        time.sleep(LOOK_SECONDS)


def _is_between_steps(connection: sa.Connection, *, but: int | None = None) -> bool:
    """Whether a build waits for its next step, for no longer than :data:`PAUSE_SECONDS`."""
    builds = BUILDS.c
    waits = (
        builds.status == "running",
        builds.last_step_at > sa.func.clock_timestamp() - timedelta(seconds=PAUSE_SECONDS),
    )
    query = sa.select(sa.exists().where(*waits, builds.build_id.is_distinct_from(but)))
    return bool(connection.execute(query).scalar_one())
