"""Sessions of auditors that keep a build waiting: they are ended.

An auditor reads tables that a build drops and makes again, and can take its session's timeouts away. The roles that
build may become the auditor, which they need to end its sessions; PostgreSQL has no other right for that than one over
all sessions.
"""

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from hub.warehouse.roles import Role

PATIENCE = timedelta(minutes=2)
"""As long as a publish waits for its readers."""
LOOK_SECONDS = 5.0

_HOLDERS = """
    select distinct holder.pid
    from pg_locks waits
    cross join lateral unnest(pg_blocking_pids(waits.pid)) as blocking (pid)
    join pg_stat_activity holder on holder.pid = blocking.pid
    where not waits.granted and waits.waitstart <= clock_timestamp() - cast(:patience as interval)
        and holder.usename = :auditor and holder.datname = current_database()
"""
_BECOME = sa.text("select set_config('role', :role, false)")
_END = sa.text("select pg_terminate_backend(:pid, 5000) from pg_stat_activity where pid = :pid and usename = :auditor")


@contextlib.contextmanager
def no_auditor_holds(engine: sa.Engine) -> Iterator[None]:
    """While this lasts, an auditor who has kept anybody waiting for a lock for ``PATIENCE`` loses its session.
    ``engine`` is of a role that builds."""
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(engine, over), name="holding auditors", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _watch(engine: sa.Engine, over: threading.Event) -> None:
    # A server that goes away is the build's to tell of; rights that an upgraded server has not yet, the safeguards'.
    with (
        contextlib.suppress(sa.exc.DBAPIError),
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        while not over.wait(LOOK_SECONDS):
            for pid in connection.scalars(sa.text(_HOLDERS), {"patience": PATIENCE, "auditor": Role.AUDITOR}).all():
                connection.execute(_BECOME, {"role": Role.AUDITOR})
                connection.execute(_END, {"pid": pid, "auditor": Role.AUDITOR})
                connection.execute(_BECOME, {"role": "none"})
