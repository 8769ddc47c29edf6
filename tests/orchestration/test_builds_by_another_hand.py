"""Runs that begin while a build is under way: what was loaded is built, once, whoever comes when. A stranger's proof of
decision 0011, in threads and processes on one database."""

import multiprocessing
import threading
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build import BuildFailed, warehouse_build
from hub.build.builds import BuildSuperseded
from hub.orchestration import steps
from hub.orchestration.steps import Built
from hub.settings import Settings
from hub.warehouse import build_lock
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import BUILDS, DELIVERIES

REST = ("link_incidents", "link_people", "build_marts", "check_disclosure")
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload([__name__])
FEED = "police_uk_street"


def finish(engine: sa.Engine, build_id: int, status: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(BUILDS).where(BUILDS.c.build_id == build_id).values(status=status))


class Hub:
    """A hub whose steps of a build only note which deliveries they see; ``hold`` keeps the next one waiting."""

    def __init__(self, settings: Settings, engine: sa.Engine) -> None:
        self.settings, self.engine, self.rows = settings, engine, 0
        self.seen = dict[int, set[str]]()
        self.fails, self.holds, self.is_held = "", threading.Event(), threading.Event()
        self.holds.set()

    def run_step(self, _: Settings, build: Any, step: str, *__: Any) -> tuple[()]:
        if step in ("stage", "selection"):
            self.seen[build.build_id] = self.loaded()
        self.is_held.set()
        assert self.holds.wait(30)
        if step == self.fails:
            self.fails = ""
            finish(self.engine, build.build_id, "failed")
            raise BuildFailed("model one: 3 rows")
        return ()

    def load(self, *, rows: int = 1, status: str = "loaded", at: datetime | None = None) -> str:
        delivery_id = uuid.uuid4()
        row = {"delivery_id": delivery_id, "feed": FEED, "file_name": "x", "sha256": delivery_id.hex, "bytes": 1}
        row |= {"status": status, "rows_read": rows, "rows_accepted": rows, "loaded_at": at or datetime.now(UTC)}
        with self.engine.begin() as connection:
            connection.execute(sa.insert(DELIVERIES).values(row))
        return str(delivery_id)

    def loaded(self) -> set[str]:
        query = "select delivery_id::text from ledger.deliveries where status = 'loaded'"
        with self.engine.connect() as connection:
            return set(connection.exec_driver_sql(query).scalars())

    def built(self) -> set[str]:
        """What the last good build of everything has seen."""
        query = "select max(build_id) from ledger.builds where status = 'succeeded' and selection is null"
        with self.engine.connect() as connection:
            return self.seen.get(connection.exec_driver_sql(query).scalar_one(), set())

    def begin(self, *, by_hand: bool = False) -> Built | None:
        return steps.begin_build(self.settings, only_if_new=not by_hand, full_refresh=False)

    def run(self, *, by_hand: bool = False, pause: float = 0) -> bool:
        """A whole run of the DAG; whether it has built."""
        built = self.begin(by_hand=by_hand)
        for step in REST if built else ():
            time.sleep(pause)
            assert built
            built = steps.continue_build(self.settings, built, step)
        return built is not None


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    project = tmp_path / "project"
    for name in ("models", "seeds"):
        (project / "dbt_project" / name).mkdir(parents=True)
    (project / "expectations").symlink_to(settings.project / "expectations")
    made = Hub(replace(settings, project=project), engine)
    monkeypatch.setattr(warehouse_build, "run_step", made.run_step)
    # What is written beside it is of tables that dbt makes.
    monkeypatch.setattr(warehouse_build, "end_build", lambda _, build, __: finish(engine, build.build_id, "succeeded"))
    monkeypatch.setattr(build_lock, "LOOK_SECONDS", 0.05)
    return made


def under_way(hub: Hub, pool: ThreadPoolExecutor, **arguments: Any) -> Future[bool]:
    """A run whose first step has begun."""
    hub.holds.clear()
    hub.is_held.clear()
    run = pool.submit(hub.run, **arguments)
    assert hub.is_held.wait(20)
    return run


@pytest.mark.parametrize("is_new", [True, False])
def test_of_runs_that_begin_during_a_build_one_builds_what_came_and_none_builds_nothing(hub: Hub, is_new: bool) -> None:
    hub.load()
    with ThreadPoolExecutor(4) as pool:
        first = under_way(hub, pool, pause=0.02)
        others = [pool.submit(hub.run) for _ in range(3)]
        time.sleep(0.3)
        if is_new:
            hub.load()
        hub.holds.set()
        assert first.result(30)
        assert sum(one.result(30) for one in others) == is_new
    assert hub.built() == hub.loaded()


def test_a_delivery_loaded_at_any_step_of_a_build_is_built_by_the_next_run_and_once(hub: Hub) -> None:
    for name in ("stage", *REST):
        hub.load()
        built = hub.begin()
        assert built
        for step in REST:
            built = steps.continue_build(hub.settings, built, step)
            if name in (step, "stage"):
                hub.load(at=datetime(2026, 1, 1, tzinfo=UTC))  # one that began long ago, and was committed now
        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(lambda _: hub.run(), range(2))) == 1
        assert hub.built() == hub.loaded()
        assert not hub.run()


def test_a_delivery_loaded_between_the_mark_and_the_first_step_is_never_left_out(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = steps.input_fingerprint

    def then_load(settings: Settings) -> str:
        marked = mark(settings)
        if len(hub.seen) < 4:
            hub.load()
        return marked

    monkeypatch.setattr(steps, "input_fingerprint", then_load)
    while hub.run():
        assert len(hub.seen) < 9
    assert hub.built() == hub.loaded()


@pytest.mark.parametrize(
    "step", ["stage", REST[-1], *(pytest.param(step, marks=pytest.mark.long) for step in REST[:-1])]
)
def test_after_a_build_that_failed_the_next_run_builds_and_so_does_the_failed_one_when_it_is_tried_again(
    hub: Hub, step: str
) -> None:
    assert hub.run()
    hub.load()
    hub.fails = step
    with pytest.raises(BuildFailed):
        hub.run()
    assert hub.run()
    assert not hub.run()
    assert hub.built() == hub.loaded()


def test_a_step_that_failed_and_was_tried_again_ends_a_build_that_covers_what_it_began_with(hub: Hub) -> None:
    hub.load()
    built = hub.begin()
    assert built
    hub.fails = "link_people"
    built = steps.continue_build(hub.settings, built, "link_incidents")
    with pytest.raises(BuildFailed):
        steps.continue_build(hub.settings, built, "link_people")
    for step in REST[1:]:
        built = steps.continue_build(hub.settings, built, step)
    assert not hub.run()


def test_a_build_that_nobody_goes_on_with_covers_nothing_and_cannot_end_later(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.load()
    left = hub.begin()
    assert left
    monkeypatch.setattr(build_lock, "PAUSE_SECONDS", 0)
    assert hub.run()
    with pytest.raises(BuildSuperseded):
        steps.continue_build(hub.settings, left, REST[0])
    assert not hub.run()


def test_a_person_always_builds_also_behind_a_build_under_way(hub: Hub) -> None:
    hub.load()
    with ThreadPoolExecutor(3) as pool:
        first = under_way(hub, pool)
        by_hand, other = pool.submit(hub.run, by_hand=True), pool.submit(hub.run)
        time.sleep(0.3)
        hub.holds.set()
        assert (first.result(30), by_hand.result(30), other.result(30)) == (True, True, False)
    assert hub.run(by_hand=True)
    assert len(hub.seen) == 3


@pytest.mark.parametrize(
    ("select", "fails"),
    [
        (None, True),
        ("one_model", False),
        pytest.param(None, False, marks=pytest.mark.long),
        pytest.param("one_model", True, marks=pytest.mark.long),
    ],
)
def test_hub_build_in_between_takes_nothing_from_the_next_run(hub: Hub, select: str | None, fails: bool) -> None:
    hub.load()
    assert hub.run()
    hub.load()
    hub.fails = ("selection" if select else "link_people") if fails else ""
    try:
        warehouse_build.build_warehouse(hub.settings, select=select)
    except BuildFailed:
        assert fails
    hub.run()
    assert hub.built() == hub.loaded()
    hub.load()
    assert hub.run()
    assert hub.built() == hub.loaded()
    assert not hub.run()
    if select:
        hub.fails = "selection" if fails else ""
        try:
            warehouse_build.build_warehouse(hub.settings, select=select)
        except BuildFailed:
            assert fails
        assert not hub.run()


def test_a_delivery_that_was_withdrawn_for_another_of_as_many_rows_is_built(hub: Hub) -> None:
    gone = hub.load(rows=7)
    hub.load(rows=7)
    assert hub.run()
    with hub.engine.begin() as connection:
        values = {"status": "withdrawn", "withdrawn_at": sa.func.now()}
        connection.execute(sa.update(DELIVERIES).where(DELIVERIES.c.delivery_id == gone).values(values))
    hub.load(rows=7, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert hub.run()
    assert hub.built() == hub.loaded()


def _run(settings: Settings, results: Any) -> None:
    build_lock.LOOK_SECONDS = 0.05
    engine = open_warehouse(settings, Role.OWNER)

    def end_build(settings: Settings, build: warehouse_build.Build, count_nodes: int) -> None:
        del settings, count_nodes
        finish(engine, build.build_id, "succeeded")

    warehouse_build.end_build = end_build
    warehouse_build.run_step = lambda *_: time.sleep(0.1) or ()  # type: ignore[func-returns-value]
    built = steps.begin_build(settings, only_if_new=True, full_refresh=False)
    results.put(built is not None)
    for step in REST if built else ():
        assert built
        built = steps.continue_build(settings, built, step)


def test_of_processes_that_begin_at_once_one_builds(hub: Hub) -> None:
    open_warehouse(hub.settings, Role.TRANSFORMER)
    for _ in range(2):
        hub.load()
        results = APART.Queue()
        runs = [APART.Process(target=_run, args=(hub.settings, results)) for _ in range(4)]
        for one in runs:
            one.start()
        done = [results.get(timeout=60) for _ in runs]
        for one in runs:
            one.join()
        assert sorted(done) == [False, False, False, True]
