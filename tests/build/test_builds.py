"""A build whose steps are tasks of their own keeps others waiting, and gives way to a later one."""

import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from hub.build import builds
from hub.warehouse import build_lock


def begin(engine: sa.Engine) -> int:
    return builds.start_build(engine, selection=None, code_sha256="c", seeds_sha256="s")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_lock, "LOOK_SECONDS", 0.05)


def _take_lock(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        build_lock.lock_builds(connection)


def _begin_another(engine: sa.Engine) -> None:
    with build_lock.one_build_at_a_time(engine):
        begin(engine)


@pytest.mark.parametrize("what", [_take_lock, _begin_another])
def test_others_wait_between_the_steps_of_a_build_and_go_on_when_it_ends(
    engine: sa.Engine, what: Callable[[sa.Engine], None]
) -> None:
    first = begin(engine)
    builds.note_step(engine, first)
    other = threading.Thread(target=what, args=(engine,))
    other.start()
    time.sleep(0.5)
    assert other.is_alive()
    with build_lock.one_build_at_a_time(engine, build_id=first):
        builds.continue_build(engine, first)
        builds.finish_build(engine, first, failed=[], count_nodes=0, succeeded=False)
    other.join(timeout=30)
    assert not other.is_alive()


def test_a_build_that_pauses_too_long_is_given_up(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_lock, "PAUSE_SECONDS", 0.2)
    first = begin(engine)
    builds.note_step(engine, first)
    _begin_another(engine)
    with pytest.raises(builds.BuildSuperseded, match=str(first)):
        builds.continue_build(engine, first)


def test_a_step_of_a_failed_build_can_be_tried_again(engine: sa.Engine) -> None:
    first = begin(engine)
    builds.finish_build(engine, first, failed=["one"], count_nodes=1, succeeded=False, reason="one")
    _take_lock(engine)
    builds.continue_build(engine, first)
    with engine.connect() as connection:
        row = builds.last_build(connection)
    assert row is not None
    assert (row.status, row.failed, row.reason) == ("running", [], None)
