"""Two at work on the same dispatches at once: one waits for the other, and none of them fails."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.conftest import Hub
from hub.dispatch import answers, deciding, ledger, outbox
from hub.dispatch.transports import Receipt
from hub.monitoring.watch import WATCH_LOCK, open_alerts
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

SECONDS = 1.5
"""So long one waits for the other to come as far: where it is kept waiting it does not come."""

WAITING = sa.text("""
    select count(*) from pg_locks inner join pg_stat_activity using (pid)
    where not granted and datname = current_database()
""")


def met(both: threading.Barrier, do: Callable[..., Any]) -> Callable[..., Any]:
    """``do``, of which two begin together if they can."""

    def do_together(*arguments: Any, **named: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=SECONDS)
        return do(*arguments, **named)

    return do_together


def test_a_package_that_is_withdrawn_just_as_it_is_taken_is_followed_by_its_withdrawal(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.offer()
    hub.prepare()
    engine = open_warehouse(hub.settings, Role.DISPATCHER)
    with engine.begin() as connection:
        [package] = outbox.due(connection, hub.now())
        assert outbox.mark_begun(connection, package, hub.now())

    def take() -> None:
        with engine.begin() as connection:
            outbox.mark_taken(connection, package, hub.now(), Receipt("taken", True))

    monkeypatch.setattr(ledger, "move", met(threading.Barrier(2), ledger.move))
    with ThreadPoolExecutor(2) as pool:
        taken = pool.submit(take)
        [one] = hub.dispatches()
        withdrawn = pool.submit(deciding.withdraw, engine, one.dispatch_id, because="x", decided_by="a.person")
    assert (taken.result(), withdrawn.result()) == (None, None)
    assert hub.states() == ["withdrawn"]
    with engine.connect() as connection:
        assert [one.document for one in outbox.due(connection, hub.now())] == ["withdrawal"]


def test_a_person_withdraws_what_was_sent_since_it_was_looked_at(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.offer()
    hub.prepare()
    [one] = hub.dispatches()
    engine = open_warehouse(hub.settings, Role.DISPATCHER)
    with engine.begin() as connection:
        [package] = outbox.due(connection, hub.now())
        assert outbox.mark_begun(connection, package, hub.now())
    looked_at, read = threading.Event(), ledger.read

    def read_by_the_person(connection: sa.Connection, *arguments: Any) -> Any:
        found = read(connection, *arguments)
        if threading.current_thread() is not threading.main_thread():
            looked_at.set()
            is_taken.wait(SECONDS)
        return found

    is_taken = threading.Event()
    monkeypatch.setattr(ledger, "read", read_by_the_person)
    with ThreadPoolExecutor(1) as pool:
        person = pool.submit(deciding.withdraw, engine, one.dispatch_id, because="x", decided_by="a.person")
        looked_at.wait(SECONDS)
        with engine.begin() as connection:
            outbox.mark_taken(connection, package, hub.now(), Receipt("taken", False))
        is_taken.set()
        person.result()
    assert hub.states() == ["withdrawn"]
    with engine.connect() as connection:
        assert [one.document for one in outbox.due(connection, hub.now())] == ["withdrawal"]


def test_of_two_that_prepare_at_once_one_waits_before_it_follows_answers(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    allocation = hub.offer()
    hub.prepare()
    hub.send()
    hub.report(allocation)
    followed, both, follow = threading.Event(), threading.Barrier(2), answers.follow

    def followed_by_both(connection: sa.Connection, *arguments: Any) -> int:
        count = follow(connection, *arguments)
        followed.set()
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=SECONDS)
        if count:
            threading.Event().wait(SECONDS / 5)  # the other goes first
        return count

    monkeypatch.setattr(answers, "follow", followed_by_both)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hub.prepare)
        assert followed.wait(SECONDS)
        hub.answer("accepted")
        second = pool.submit(hub.prepare)
    assert len(first.result().new) + len(second.result().new) == 1
    assert hub.states() == ["superseded", "prepared"]


def test_a_round_waits_with_its_alerts_for_a_watch_that_runs(hub: Hub) -> None:
    for _ in range(2):
        hub.offer(is_threat_to_life=True)
    hub.prepare()
    lasts, ends = hub.dispatches()
    deciding.withdraw(hub.engine, ends.dispatch_id, because="x", decided_by="a.person")
    seen = sa.text("update ledger.alerts set last_seen_at = now() where cause = 'urgent_dispatch:' || :dispatch_id")
    with ThreadPoolExecutor(1) as pool, hub.engine.begin() as watch:
        watch.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
        assert watch.execute(seen, {"dispatch_id": str(ends.dispatch_id)}).rowcount == 1
        round_of_another = pool.submit(hub.prepare)
        while not watch.scalar(WAITING) and not round_of_another.done():
            time.sleep(0.05)
        assert watch.execute(seen, {"dispatch_id": str(lasts.dispatch_id)}).rowcount == 1
    round_of_another.result()
    with hub.engine.connect() as connection:
        assert [one.cause.key for one in open_alerts(connection)] == [f"urgent_dispatch:{lasts.dispatch_id}"]
