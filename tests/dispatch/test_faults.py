"""Whatever goes wrong on the way to a recipient, no dispatch is lost, and who looks at ids acts on each once."""

import itertools
import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import free_port
from dispatch.conftest import Hub
from dispatch.receiver import NOT_TAKEN, SECRET, TAKEN_WITHOUT_A_WORD, WebhookReceiver
from hub.dispatch import deciding, ledger, outbox
from hub.dispatch.rounds import send_due
from hub.dispatch.states import State
from hub.dispatch.transports.webhook import Webhook
from hub.settings import Settings

PATIENCE = 1.0
NOBODY_LISTENS, KILLED = "nobody listens", "killed"
KILLED_AT = range(12)
"""Before and after each step of sending a document, and of the next one."""
FAULTS = (*NOT_TAKEN, *TAKEN_WITHOUT_A_WORD, NOBODY_LISTENS)
MANY = 2_000
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload([__name__])


class Killer:
    """Kills its process before or after a step; ``left`` counts down over all of them."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self._count()
            done = step(*arguments, **named)
            self._count()
            return done

        return counted

    def _count(self) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def send_and_die(settings: Settings, url: str, secret: Path, left: int) -> None:
    """A round in a process of its own that does not come to its end."""
    killer = Killer(left)
    for owner, name in ((outbox, "mark_begun"), (Webhook, "send"), (outbox, "mark_taken")):
        setattr(owner, name, killer(getattr(owner, name)))
    send_due(settings, at_once=True, transport_of=lambda *_: Webhook(url, secret, PATIENCE))


class Faults:
    """A hub and a receiver between which things go wrong."""

    def __init__(self, hub: Hub, receiver: WebhookReceiver, folder: Path) -> None:
        self.hub, self.receiver, self.secret = hub, receiver, folder / "secret"
        self.secret.write_text(SECRET)
        self.count_killed = self.count_not_reached = self.count_answers = 0

    def offer(self, count: int) -> None:
        for _ in range(count):
            self.hub.offer()
        self.hub.prepare()

    def send(self, url: str | None = None) -> dict[str, str]:
        transport = Webhook(url or self.receiver.address, self.secret, PATIENCE)
        return self.hub.send(at_once=True, transport_of=lambda *_: transport).problems

    def make(self, fault: str, *, first_taken: bool = False) -> None:
        """A round in which one document may be taken, and then there is a fault."""
        self._send_given_up()
        if fault == NOBODY_LISTENS:
            self.send(f"http://127.0.0.1:{free_port()}/")
            self.count_not_reached += 1
            return
        self.receiver.faults.extend([""] * first_taken + [fault, "503"])
        self.send()
        self.receiver.faults.clear()

    def kill(self, left: int) -> None:
        """A round whose process dies at a step."""
        self._send_given_up()
        self.receiver.faults.extend(["", "", "", "503"])
        arguments = (self.hub.settings, self.receiver.address, self.secret, left)
        child = APART.Process(target=send_and_die, args=arguments)
        child.start()
        child.join()
        self.count_killed += child.exitcode == -signal.SIGKILL
        self.receiver.faults.clear()

    def answer(self, number: int) -> None:
        """The recipient acknowledges twice what it has, and once more when it has long accepted."""
        [asked] = [one for one in self.hub.dispatches() if one.number == number]
        if str(asked.dispatch_id) not in self.receiver.came:
            return
        for kind in ("acknowledged", "acknowledged", "accepted", "acknowledged"):
            self.hub.answer(kind, number=number)
            self.count_answers += 1

    @property
    def count_faults(self) -> int:
        met = sum(count for fault, count in self.receiver.met.items() if fault in FAULTS)
        return met + self.count_killed + self.count_not_reached

    def check(self) -> None:
        """Send all that is left, as an operator would, and compare both ends."""
        while self.send() or self._send_given_up():
            pass
        dispatches = self.hub.dispatches()
        ids = {str(one.dispatch_id) for one in dispatches}
        assert self.receiver.came.keys() == ids, "nothing is lost"
        assert sorted(self.receiver.acted) == sorted(ids), "nothing is acted on twice"
        assert {len(texts) for texts in self.receiver.texts.values()} == {1}
        repeats = self.receiver.came.total() - len(ids)
        unheard = sum(self.receiver.met[fault] for fault in TAKEN_WITHOUT_A_WORD)
        assert unheard <= repeats <= unheard + self.count_killed
        assert {one.state for one in dispatches} <= {State.DELIVERED, State.ACKNOWLEDGED, State.ACCEPTED}
        self._replay()

    def _send_given_up(self) -> int:
        failed = [one for one in self.hub.dispatches() if one.state is State.FAILED]
        return sum(deciding.send_again(self.hub.engine, one.dispatch_id) for one in failed)

    def _replay(self) -> None:
        """The moves alone give the states that the ledger tells of, each legal where it was made."""
        with self.hub.engine.connect() as connection:
            legal = ledger.legal_moves(connection)
            for one in ledger.everything(connection):
                state = None
                for move in ledger.moves_of(connection, one.dispatch_id):
                    assert move.from_state == state
                    assert state is None or (state, move.to_state, one.needs_approval) in legal
                    state = move.to_state
                assert state is one.state


@pytest.fixture
def faults(hub: Hub, tmp_path: Path) -> Iterator[Faults]:
    with WebhookReceiver() as receiver:
        yield Faults(hub, receiver, tmp_path)


def test_each_fault_and_a_kill_at_each_step_lose_and_double_nothing(faults: Faults) -> None:
    faults.offer(24)
    for first_taken, fault in itertools.product((False, True), FAULTS):
        faults.make(fault, first_taken=first_taken)
    for left in KILLED_AT:
        faults.kill(left)
    assert faults.count_killed == len(KILLED_AT)
    faults.answer(1)
    faults.answer(2)
    faults.check()
    assert faults.count_faults > 30
    assert faults.hub.states()[:3] == ["accepted", "accepted", "delivered"]


@pytest.mark.long
def test_two_thousand_faults_lose_and_double_nothing(faults: Faults) -> None:
    chance = random.Random(29)
    faults.offer(MANY // 2)
    while faults.count_faults < MANY:
        if chance.random() < 0.1:
            faults.kill(chance.choice(KILLED_AT))
        else:
            faults.make(chance.choice(FAULTS), first_taken=chance.random() < 0.4)
        if chance.random() < 0.1:
            faults.answer(chance.randint(1, MANY // 2))
    faults.check()
    assert faults.count_answers > 200
