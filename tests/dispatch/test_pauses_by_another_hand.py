"""While a pause holds nothing goes out and nothing is lost, whatever else happens: a stranger's proof of
docs/dispatch.md and decision 0163, by what the recipients have got."""

import multiprocessing
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE, Hub
from dispatch.door import Door
from dispatch.force import Force
from hub.dispatch import deciding, outbox
from hub.dispatch.ledger import Dispatch
from hub.dispatch.pauses import pauses
from hub.dispatch.recipients import Recipient
from hub.dispatch.rounds import send_due
from hub.dispatch.transports import Parcel, Receipt
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

WHY, ADA, BEN = "a leak", "ada", "ben"
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload([__name__])
NAMED = """
    insert into ledger.dispatch_persons
    values (:id, gen_random_uuid(), 'victim', gen_random_uuid(), 1, now())
"""
Kept = list[tuple[str, ...]]


def pause(engine: sa.Engine, recipient: str = FORCE) -> bool:
    return deciding.pause(engine, recipient, because=WHY, decided_by=ADA)


def resume(engine: sa.Engine, recipient: str = FORCE) -> bool:
    return deciding.resume(engine, recipient, decided_by=BEN)


def is_paused(hub: Hub, recipient: str = FORCE) -> bool:
    with hub.engine.connect() as connection:
        return recipient in pauses(connection)


def kept_pauses(hub: Hub) -> Kept:
    with hub.engine.connect() as connection:
        query = "select recipient, paused_by, coalesce(resumed_by, '') from ledger.recipient_pauses order by pause_id"
        return [tuple(map(str, row)) for row in connection.exec_driver_sql(query)]


class Week:
    """What comes of allocations, answers and erasures while a force is paused and resumed."""

    def __init__(self, hub: Hub, force: Force) -> None:
        self.hub, self.force, self.chance, self.offered = hub, force, random.Random(52), list[uuid.UUID]()

    def in_state(self, *states: str) -> list[Dispatch]:
        found = [one for one in self.hub.dispatches() if one.state.value in states]
        return [self.chance.choice(found)] if found else []

    def offer(self) -> None:
        self.offered.append(self.hub.offer(is_threat_to_life=self.chance.random() < 0.3))
        self.hub.prepare()

    def supersede(self) -> None:
        self.hub.report(self.chance.choice(self.offered))
        self.hub.prepare()

    def withdraw(self) -> None:
        for one in self.in_state("prepared", "sent", "delivered", "failed", "acknowledged"):
            deciding.withdraw(self.hub.engine, one.dispatch_id, because=WHY, decided_by=ADA)

    def erase(self) -> None:
        """A package names a person whose vault key has been destroyed."""
        for one in self.in_state("acknowledged"):
            self.hub.change(NAMED, id=one.dispatch_id)

    def acknowledge(self) -> None:
        for one in self.in_state("sent", "delivered"):
            self.hub.answer("acknowledged", number=one.number)

    def pass_by(self) -> None:
        force, hub = self.force, self.hub
        does = [self.offer, self.supersede, self.withdraw, self.erase, self.acknowledge, force.fails, force.works]
        self.offer()
        for _ in range(60):
            if self.chance.random() < 0.3:
                (resume if is_paused(hub) else pause)(hub.engine)
            self.chance.choice(does)()
            before, holds = force.came(), is_paused(hub)
            force.send()
            assert not holds or force.came() == before, "nothing goes out while a pause holds"
            force.look()
        resume(hub.engine)
        force.works()
        for _ in range(5):
            hub.later(hours=2)
            hub.prepare()
            force.send()
            force.look()


@pytest.mark.parametrize("kind", ["fake", "folder", "mail"])
def test_whatever_comes_during_a_pause_waits_and_comes_to_its_end_afterwards(hub: Hub, kind: str) -> None:
    with ExitStack() as stack:
        force = Force(hub, kind, stack)
        Week(hub, force).pass_by()
        states = {str(one.dispatch_id): one.state.value for one in hub.dispatches()}
        assert set(states.values()) >= {"withdrawn", "superseded", "acknowledged"}
        for name, state in states.items():
            assert state in ("withdrawn", "superseded") or force.has_had(name), state
            assert state != "withdrawn" or force.has_had(f"{name}.withdrawal") == force.has_had(name)
        query = "select dispatch_id || '.' || told_in from ledger.dispatch_persons where told_in is not null"
        with hub.engine.connect() as connection:
            erasures = [one for one in map(str, connection.exec_driver_sql(query).scalars()) if "erasure" in one]
        assert erasures
        assert all(force.has_had(one) or states[one.partition(".")[0]] == "withdrawn" for one in erasures)
        assert kind == "mail" or set(force.came().values()) == {1}


def test_at_most_what_was_in_hand_goes_out_after_a_pause_and_all_of_it_in_the_end(hub: Hub) -> None:
    """Two pause and resume while two rounds send; a document that was begun may end, no other may begin."""
    for _ in range(40):
        hub.offer()
    hub.prepare()
    begun, spans, ended = list[float](), list[tuple[float, float]](), threading.Event()

    class Slow(Door):
        def send(self, parcel: Parcel) -> Receipt:
            begun.append(time.monotonic())
            time.sleep(0.005)
            return super().send(parcel)

    door = Slow()

    def send() -> None:
        while not ended.is_set():
            hub.send(transport_of=door)

    with ThreadPoolExecutor(2) as pool:
        rounds = [pool.submit(send) for _ in range(2)]
        while set(hub.states()) != {"delivered"}:
            assert pause(hub.engine)
            held = time.monotonic()
            time.sleep(0.05)
            spans.append((held, time.monotonic()))
            assert resume(hub.engine)
            time.sleep(0.02)
        ended.set()
        for one in rounds:
            one.result()
    assert Counter(door.came).most_common(1)[0][1] == 1
    assert len(door.came) == 40
    assert len(spans) > 2
    for start, end in spans:
        assert sum(start < one < end for one in begun) <= 1


def _decide(settings: Settings, results: Any) -> None:
    engine = open_warehouse(settings, Role.DISPATCHER)
    results.put([(pause if step % 2 == 0 else resume)(engine) for step in range(20)])


def test_of_many_who_pause_and_resume_at_once_each_pause_has_one_who_made_and_one_who_ended_it(hub: Hub) -> None:
    with ThreadPoolExecutor(6) as pool:
        for decide in (pause, resume):
            assert sum(pool.map(decide, [hub.engine] * 6)) == 1
    results = APART.Queue()
    children = [APART.Process(target=_decide, args=(hub.settings, results)) for _ in range(3)]
    for one in children:
        one.start()
    done = [results.get(timeout=30) for _ in children]
    for one in children:
        one.join()
    made, finished = (sum(sum(one[place::2]) for one in done) + 1 for place in (0, 1))
    assert made - finished == int(is_paused(hub))
    assert len(kept_pauses(hub)) == made
    assert sum(bool(by) for _, _, by in kept_pauses(hub)) == finished


class Noting(Door):
    """Keeps on disk what has come, pauses or resumes after so many, and dies after so many."""

    def __init__(self, hub_engine: sa.Engine, path: Path, decide: bool, dies_after: int) -> None:
        super().__init__()
        self.engine, self.path, self.decide, self.dies_after = hub_engine, path, decide, dies_after

    def __call__(self, _: Settings, __: Recipient) -> "Noting":
        return self

    def send(self, parcel: Parcel) -> Receipt:
        with self.path.open("a") as record:
            record.write(f"{parcel.name}\n")
        if self.decide:
            pause(self.engine)
        self.tried += 1
        if self.tried == self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return Receipt("taken", True)


def _round(settings: Settings, path: Path, decide: bool, dies_after: int) -> None:
    door = Noting(open_warehouse(settings, Role.DISPATCHER), path, decide, dies_after)
    send_due(settings, at_once=True, transport_of=door)


@pytest.mark.parametrize("is_marked", [False, True], ids=["before", "after"])
def test_a_round_that_is_killed_as_the_recipient_is_paused_leaves_nothing_that_passes_the_pause(
    hub: Hub, tmp_path: Path, is_marked: bool
) -> None:
    """Killed with a document in hand that the recipient has, or (``after``) just as the next round begins one."""
    for _ in range(4):
        hub.offer()
    hub.prepare()
    record = tmp_path / "came"
    child = APART.Process(target=_round, args=(hub.settings, record, True, 1))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    came = record.read_text().split()
    assert len(came) == 1
    assert is_paused(hub)
    if is_marked:  # the process died once more, before it asked whether it may
        with hub.engine.begin() as connection:
            for waiting in outbox.due(connection, hub.now())[:1]:
                outbox.mark_begun(connection, waiting, hub.now())
    hub.later(hours=2)
    door = Door()
    hub.send(transport_of=door)
    assert door.came == []
    resume(hub.engine)
    hub.later(hours=2)
    hub.send(transport_of=door)
    assert sorted(door.came) == sorted(str(one.dispatch_id) for one in hub.dispatches())
    assert set(came) <= set(door.came)
    assert hub.states() == ["delivered"] * 4
