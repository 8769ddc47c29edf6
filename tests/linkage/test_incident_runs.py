"""Two runs of the linkage of incidents at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from hub.linkage.incident_state import LINKAGE_LOCK
from hub.linkage.incidents import link_incidents, store
from hub.settings import Settings
from hub.warehouse.engine import begin
from linkage.reports import KETTLE, KETTLE_AGAIN, Told, incidents, put

LOCKS = """
    from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())
"""
WAITING = sa.text(f"select count(*) {LOCKS} and not granted")


def test_a_run_that_waited_for_another_sees_what_came_meanwhile(settings: Settings, world: sa.Engine) -> None:
    put(world, [Told(1, KETTLE)])
    with ThreadPoolExecutor(1) as pool, begin(world) as other:
        other.execute(sa.select(sa.func.pg_advisory_xact_lock(LINKAGE_LOCK)))
        run = pool.submit(link_incidents, settings, world)
        while not other.execute(WAITING).scalar() and not run.done():
            time.sleep(0.05)
        put(world, [Told(1, KETTLE), Told(2, KETTLE_AGAIN)])
    assert run.result().counts["changed"] == 2
    assert incidents(world) == {frozenset({1, 2})}


def test_a_run_that_fails_holds_up_no_other(
    settings: Settings, world: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(store, "find_changed", fail)
    with pytest.raises(LookupError):
        link_incidents(settings, world)
    with begin(world) as connection:
        assert connection.execute(sa.text(f"select count(*) {LOCKS}")).scalar() == 0
