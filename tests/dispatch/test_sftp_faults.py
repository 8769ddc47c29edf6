"""Whatever fails at sender or server, each dispatch reaches the server once, and every whole answer is collected."""

import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Timer
from typing import Any
from uuid import UUID

import pytest
from asyncssh import SFTPClient, SFTPClientFile

from conftest import free_port
from dispatch.conftest import Hub
from dispatch.sftp_server import LARGEST, SftpServer, make_key, needs_sshd, sftp_server
from hub.dispatch import deciding, ledger
from hub.dispatch.rounds import send_due
from hub.dispatch.states import State
from hub.dispatch.transports import Parcel
from hub.dispatch.transports.pickup import PickUp
from hub.dispatch.transports.sftp import Server, Sftp
from hub.settings import Settings

pytestmark = needs_sshd

PATIENCE = 1.0
REQUESTS = (
    *(
        (SFTPClient, name)
        for name in ("open", "posix_rename", "lexists", "isdir", "mkdir", "readdir", "lstat", "remove")
    ),
    *((SFTPClientFile, name) for name in ("write", "fsync", "close", "read")),
)
MANY_ROUNDS, DISPATCHES_A_ROUND = 160, 3
MOST_REQUESTS = 60
FOREIGN = "for somebody else"
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload([__name__])


def kill_after_requests(left: int) -> None:
    """Let this process kill itself when it has made so many requests and is about to make another."""

    def counted(request: Callable[..., Any]) -> Callable[..., Any]:
        def before(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return request(*arguments, **named)

        return before

    for owner, name in REQUESTS:
        setattr(owner, name, counted(getattr(owner, name)))


def pick_up(server: Server) -> PickUp:
    files = Sftp(server, largest=LARGEST, patience=PATIENCE)
    return PickUp(files, is_foreign=lambda path: path.read_text() == FOREIGN, readable=str.encode)


def send_and_die(server: Server, parcel: Parcel, left: int) -> None:
    kill_after_requests(left)
    pick_up(server).send(parcel)


def go_round_and_die(settings: Settings, server: Server, left: int) -> None:
    kill_after_requests(left)
    send_due(settings, at_once=True, transport_of=lambda *_: pick_up(server))


def is_killed(target: Callable[..., None], *arguments: Any) -> bool:
    """Run a function in a process of its own. True if the process was killed, False if the function came to its end."""
    child = APART.Process(target=target, args=arguments)
    child.start()
    child.join()
    return child.exitcode == -signal.SIGKILL


@pytest.fixture
def server() -> Iterator[SftpServer]:
    with sftp_server() as one:
        yield one


def test_killed_before_any_request_the_file_appears_whole_and_once(server: SftpServer) -> None:
    address, step, was_killed = Server.of(server.transport(), server.home), 0, True
    while was_killed:
        step += 1
        parcel = Parcel(UUID(int=step), "package", f'{{"step": {step}}}')
        was_killed = is_killed(send_and_die, address, parcel, step - 1)
        was_taken = _take(server, parcel)
        for _ in range(2):
            with closing(pick_up(address)) as transport:
                transport.send(parcel)
        assert _take(server, parcel) is not was_taken, step
    assert step > 10


def _take(server: SftpServer, parcel: Parcel) -> bool:
    """Take a document and its PDF away, and check that both are whole; False if there is no document."""
    path = server.folder / f"{parcel.name}.json"
    if not path.exists():
        return False
    for one in (path, path.with_suffix(".pdf")):
        assert one.read_text() == parcel.text, "never a part of it"
        one.unlink()
    return True


class Faults:
    """A hub and an SFTP server between which things go wrong, and a recipient that acts on each file it finds."""

    def __init__(self, hub: Hub, server: SftpServer) -> None:
        self.hub, self.server, self.chance = hub, server, random.Random(29)
        self.acted: Counter[str] = Counter()
        self.count_faults: Counter[str] = Counter()
        self.answered: list[str] = []
        self.collected: Counter[str] = Counter()

    def offer(self, count: int) -> None:
        for _ in range(count):
            self.hub.offer()
        self.hub.prepare()

    def send(self, **changed: Any) -> dict[str, str]:
        """A round; returns its problems."""
        address = Server.of(self.server.transport(**changed), self.server.home)
        self._write_on()
        problems = self.hub.send(at_once=True, transport_of=lambda *_: pick_up(address)).problems
        self._ingest()
        return problems

    def kill_the_sender(self) -> None:
        address = Server.of(self.server.transport(), self.server.home)
        self._write_on()
        left = self.chance.randrange(MOST_REQUESTS)
        self.count_faults["killed"] += is_killed(go_round_and_die, self.hub.settings, address, left)
        self._ingest()

    def kill_the_server(self) -> None:
        timer = Timer(self.chance.uniform(0.02, 0.3), self.server.stop)
        timer.start()
        self.count_faults["server killed"] += bool(self.send())
        timer.join()
        self.server.start()

    def send_and_fail(self) -> None:
        kind = self.chance.choice(("nobody listens", "another host key", "no permission", "silent"))
        if kind == "nobody listens":
            problems = self.send(port=free_port())
        elif kind == "another host key":
            problems = self.send(host_keys=[make_key(self.server.home / "other")])
        elif kind == "silent":
            with self.server.silence():
                problems = self.send()
        else:
            (self.server.folder / ".staging").chmod(0o555)
            problems = self.send()
            (self.server.folder / ".staging").chmod(0o755)
        assert problems
        self.count_faults[kind] += 1

    def receive(self) -> None:
        """The recipient takes each file away or puts a receipt beside it. Some it answers: with a file and its repeat,
        and beside them a file that is only half written and one for somebody else."""
        answers = self.server.folder / "answers"
        for path in self.server.documents():
            name = path.stem
            if path.with_suffix(".received").exists():
                continue
            self.acted[name] += 1
            for one in (path, path.with_suffix(".pdf")):
                assert one.read_text() == self._packages()[name], "never a part of it"
            if self.chance.random() < 0.5:
                path.unlink()
            else:
                path.with_suffix(".received").touch()
            if answers.is_dir() and self.chance.random() < 0.3:
                self.answered.append(f"answer to {name}")
                self.server.put_answers(f"{name}.xml", f"answer to {name}")
                self.server.put_answers(f"{name}_again.xml", f"answer to {name}")
                self.server.put_answers(f"{name}_half.xml", "answ", quiet_seconds=0)
                self.server.put_answers(f"{name}_another.xml", FOREIGN)

    def check(self) -> None:
        """Send all that is left, as an operator would, and compare what was sent with what the recipient got."""
        while self._unsent():
            self._requeue_failed()
            self.send()
        self.receive()
        self._write_on(to_the_end=True)
        self.send()
        ids = {str(one.dispatch_id) for one in self.hub.dispatches()}
        assert self.acted.keys() == ids, "nothing is lost"
        assert set(self.acted.values()) == {1}, "nothing is acted on twice"
        assert set(self.hub.states()) == {"delivered"}
        assert self.collected.keys() == set(self.answered), (
            "all whole answers of this recipient are collected, and no other file"
        )
        left = {path.read_text() for path in (self.server.folder / "answers").iterdir()}
        assert left <= {FOREIGN}

    def _write_on(self, *, to_the_end: bool = False) -> None:
        """Files that the recipient is writing to grow, and some become whole."""
        for path in sorted((self.server.folder / "answers").glob("*_half.xml")):
            if to_the_end or self.chance.random() < 0.1:
                self.answered.append(f"whole at last: {path.stem}")
                path.unlink()
                self.server.put_answers(path.name.replace("half", "late"), self.answered[-1])
            else:
                self.server.put_answers(path.name, f"{path.read_text()}.", quiet_seconds=0)

    def _unsent(self) -> bool:
        return any(one.state in (State.PREPARED, State.FAILED) for one in self.hub.dispatches())

    def _requeue_failed(self) -> None:
        for one in self.hub.dispatches():
            if one.state is State.FAILED:
                deciding.send_again(self.hub.engine, one.dispatch_id)

    def _packages(self) -> dict[str, str]:
        with self.hub.engine.connect() as connection:
            found = ledger.everything(connection)
            return {str(one.dispatch_id): ledger.package_of(connection, one.dispatch_id) for one in found}

    def _ingest(self) -> None:
        for path in (self.hub.settings.drop / "force_responses").glob("[!.]*"):
            self.collected[path.read_text()] += 1
            path.unlink()


@pytest.fixture
def faults(hub: Hub, server: SftpServer) -> Faults:
    return Faults(hub, server)


def test_a_killed_sender_and_a_killed_server_lose_and_double_nothing(faults: Faults) -> None:
    for fault in (faults.kill_the_sender, faults.kill_the_server, faults.send_and_fail, faults.kill_the_sender):
        faults.offer(2)
        fault()
        faults.receive()
    faults.check()
    assert faults.count_faults.total() > 1


@pytest.mark.long
def test_hundreds_of_dispatches_with_faults_lose_and_double_nothing(faults: Faults) -> None:
    for _ in range(MANY_ROUNDS):
        faults.offer(DISPATCHES_A_ROUND)
        faults.chance.choice((faults.kill_the_sender, faults.kill_the_server, faults.send_and_fail, faults.send))()
        if faults.chance.random() < 0.7:
            faults.receive()
    faults.check()
    assert faults.acted.total() == MANY_ROUNDS * DISPATCHES_A_ROUND
    assert min(faults.count_faults.values()) > 2, faults.count_faults
    assert len(faults.answered) > 50
