"""Whatever goes wrong on the way to a channel, each message arrives, and a receiver can tell a repeat by its id.

A repeat comes only where the receiver had the message and the sender could not know: the answer was lost, or the
sending process was killed between sending and marking.
"""

import itertools
import multiprocessing
import random
from collections.abc import Collection, Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from conftest import free_port
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from notifications.conftest import Outbox
from notifications.servers import (
    NOBODY_LISTENS,
    NOT_TAKEN,
    NOT_TAKEN_BY_WEB,
    TAKEN_WITHOUT_A_WORD,
    MailServer,
    Webhook,
)

OF_MAIL = (*NOT_TAKEN, NOBODY_LISTENS, *TAKEN_WITHOUT_A_WORD)
OF_WEB = (*NOT_TAKEN_BY_WEB, NOBODY_LISTENS, *TAKEN_WITHOUT_A_WORD)
MANY = 1_000
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload([__name__])


def send_apart(settings: Settings, now: datetime) -> None:
    """A round in a process of its own."""
    Outbox(settings, open_warehouse(settings, Role.LOADER), now).send(at_once=True)


class Rounds:
    """Rounds of sending in which both channels fail, as they are told to."""

    def __init__(self, outbox: Outbox, mail: MailServer, web: Webhook) -> None:
        self.outbox, self.receivers = outbox, {"mail": mail, "web": web}
        self.not_reached = 0

    def make(self, faults: dict[str, str]) -> None:
        """One round, with a new message and a fault for each channel that is named."""
        self.outbox.alert("refused")
        for name, fault in faults.items():
            receiver = self.receivers[name]
            if fault == NOBODY_LISTENS:
                self.outbox.address(name, receiver.address.replace(f":{receiver.port}", f":{free_port()}"))
                self.not_reached += 1
            else:
                receiver.faults.append(fault)
        if "killed" in faults.values():
            self._send_in_a_process_that_dies()
        else:
            self.outbox.send(at_once=True)
        for name, receiver in self.receivers.items():
            self.outbox.address(name, receiver.address)
            receiver.faults.clear()

    def _send_in_a_process_that_dies(self) -> None:
        child = APART.Process(target=send_apart, args=(self.outbox.settings, self.outbox.now))
        child.start()
        for receiver in self.receivers.values():
            receiver.sender_pid = child.pid
        child.join()

    @property
    def count_faults(self) -> int:
        return self.not_reached + sum(self._met(receiver.met) for receiver in self.receivers.values())

    @staticmethod
    def _met(met: dict[str, int], of: Collection[str] = (*OF_MAIL, *OF_WEB)) -> int:
        return sum(count for fault, count in met.items() if fault in of)

    def check(self) -> None:
        """Nothing is lost, nothing is doubled."""
        while self.outbox.send(at_once=True).problems:
            pass
        with self.outbox.engine.connect() as connection:
            noted = connection.execute(sa.text("select notification_id::text from ledger.notifications"))
            ids = {str(row.notification_id) for row in noted}
            sends = connection.execute(sa.text("select state, count(*) from ledger.notification_sends group by state"))
            assert sends.all() == [("sent", 2 * len(ids))]
        assert len(ids) == self.outbox.count
        for receiver in self.receivers.values():
            assert receiver.came.keys() == ids
            assert {len(texts) for texts in receiver.texts.values()} == {1}
            repeats = receiver.came.total() - len(ids)
            assert repeats == self._met(receiver.met, TAKEN_WITHOUT_A_WORD)


@pytest.fixture
def rounds(outbox: Outbox, mail: MailServer, web: Webhook) -> Rounds:
    return Rounds(outbox, mail, web)


def at_random(seed: int) -> Iterator[dict[str, str]]:
    """Faults without end: of both channels, or of one."""
    chance = random.Random(seed)
    while True:
        both = {"mail": chance.choice(OF_MAIL), "web": chance.choice(OF_WEB)}
        yield {name: both[name] for name in chance.choice((("mail",), ("web",), ("mail", "web"), ("mail", "web")))}


def test_each_fault_of_a_channel_loses_and_doubles_no_message(rounds: Rounds) -> None:
    for of_mail, of_web in itertools.zip_longest(OF_MAIL, reversed(OF_WEB)):
        rounds.make({name: fault for name, fault in (("mail", of_mail), ("web", of_web)) if fault})
    rounds.check()


@pytest.mark.long
def test_a_thousand_faults_of_the_channels_lose_and_double_no_message(rounds: Rounds) -> None:
    for faults in at_random(seed=4_110_028):
        rounds.make(faults)
        if rounds.count_faults >= MANY:
            break
    rounds.check()
