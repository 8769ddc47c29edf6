"""A machine that is lost while deliveries come in takes with it no more than the last half minute of them."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import psutil
import pytest

from conftest import free_port
from hub.local.components import keeper_of_backup, keeper_of_postgres
from hub.local.processes import processes_of
from hub.local.run_folder import run_folder
from hub.local.stop import stop_components
from hub.local.supervision import start_supervisor
from hub.recovery.restore import restore
from hub.settings import Settings
from hub.warehouse.embedded_postgres import embedded_postgres, postmaster
from ingest.deliveries import take_in
from privacy.letters import ADA, CATALOGUE, LETTERS, as_csv, as_kept, landed_texts, told
from recovery.hubs import OwnHub, own_hub

PROMISED_SECONDS = 30
"""docs/operating.md: what is lost with the machine is at most what came in the last half minute. Stricter than the
minute after which `hub status` says that nothing was kept."""
WRITING_SECONDS = 75
"""Longer than any promise, so that a hub that keeps nothing is found out."""
PAUSE_SECONDS = 1.0
MARGIN_SECONDS = 0.3
"""How long before a round is due the machine is lost. Less, and a round that comes early is not missed."""


class Moment(StrEnum):
    """When the machine is lost: nothing is kept since longest, or a round has begun to write."""

    BEFORE_A_ROUND = "before a round"
    IN_A_ROUND = "in a round"


@dataclass
class Rounds:
    """When the supervised process has kept what the hub had, by the file that it leaves each time."""

    kept: Path
    ended_at: list[float] = field(default_factory=list)

    def look(self) -> None:
        with suppress(FileNotFoundError):
            ended_at = self.kept.stat().st_mtime
            if ended_at not in self.ended_at:
                self.ended_at.append(ended_at)

    @property
    def due_at(self) -> float:
        """When the next one is due, going by the shortest time between two; never before two were seen."""
        gaps = [later - earlier for earlier, later in zip(self.ended_at, self.ended_at[1:], strict=False)]
        return self.ended_at[-1] + min(gaps) if gaps else float("inf")


@contextmanager
def supervised(hub: OwnHub) -> Iterator[None]:
    """The database and its backup are looked after as in a hub that runs."""
    settings, folder = hub.settings, run_folder(hub.settings)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HUB_HOME": str(settings.home),
        "HUB_BACKUP": str(settings.backup),
        "HUB_BACKUP_KEYS": str(settings.backup_keys),
        "HUB_PG_PORT": str(settings.pg_port),
    }
    start_supervisor(settings, folder, (keeper_of_postgres(), *keeper_of_backup(settings)), environment)
    try:
        yield
    finally:
        stop_components(folder, print)


def wait_until(is_so: Callable[[], object], seconds: float, pause: float = 0.02) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(pause)


def write_until_a_round_is_due(hub: OwnHub, rounds: Rounds) -> dict[str, float]:
    """Letters, about one a second, and when each was surely committed."""
    committed_at: dict[str, float] = {}
    began, next_at = time.time(), 0.0
    while True:
        rounds.look()
        now = time.time()
        left = rounds.due_at - MARGIN_SECONDS - now
        if now - began > WRITING_SECONDS:
            is_silent = now - max(rounds.ended_at, default=0) > PROMISED_SECONDS + PAUSE_SECONDS
            if is_silent or 0 >= left > -MARGIN_SECONDS:
                return committed_at
        # None begins so late that it would still be written when the machine is to be lost.
        if now >= next_at and (left > PAUSE_SECONDS or left < -MARGIN_SECONDS):
            ref = f"during-{len(committed_at):03}"
            take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": ref, **ADA}), f"{ref}.csv")
            committed_at[ref] = time.time()
            next_at = now + PAUSE_SECONDS
        time.sleep(0.02)


def log_kept(folder: Path) -> dict[str, int]:
    """The files that the backup has of the database's log, and when each was written last."""
    found = {}
    for one in os.scandir(folder):
        with suppress(FileNotFoundError):
            found[one.name] = one.stat().st_mtime_ns
    return found


def processes_left(settings: Settings) -> list[psutil.Process]:
    """Everything that runs of a hub: the supervisor and what it looks after, and the database server."""
    every = processes_of(run_folder(settings))
    server = postmaster(embedded_postgres(settings))
    if server is not None:
        with suppress(psutil.NoSuchProcess):
            every += [server, *server.children(recursive=True)]
    return every


def is_lost(hub: OwnHub, moment: Moment, place: Path) -> tuple[float, Settings]:
    """Everything of the hub is killed, and its home is gone. Returns when, and the settings of an empty home."""
    settings = hub.settings
    running = processes_left(settings)
    assert len(running) > 4  # the supervisor, two that it looks after, the server and its own
    if moment is Moment.IN_A_ROUND:
        before = log_kept(hub.places.wal)
        wait_until(lambda: log_kept(hub.places.wal) != before, PROMISED_SECONDS, pause=0)
    killed_at = time.time()
    while running:
        for process in running:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(running, timeout=10)
        running = processes_left(settings)
    hub.engine.dispose()
    settings.home.rename(place)
    home = settings.home.with_name("home+")
    return killed_at, replace(settings, home=home, drop=home / "drop", pg_port=free_port())


def letters_at(settings: Settings, place: Path) -> set[str]:
    """The letters that the lost machine had. Its server, started once more without a backup, also gives back the memory
    that a killed one leaves behind."""
    machine = replace(settings, home=place, backup=None, backup_keys=None)
    try:
        return set(told(machine, OwnHub(machine).engine, LETTERS))
    finally:
        OwnHub(machine).stop()


@pytest.mark.long
@pytest.mark.parametrize("moment", Moment)
def test_a_machine_that_is_lost_takes_at_most_the_last_half_minute_with_it(
    moment: Moment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with own_hub(tmp_path) as hub, supervised(hub):
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "before", **ADA}), "before.csv")
        rounds = Rounds(hub.places.kept)
        wait_until(rounds.kept.exists, 60)
        hub.backup()
        committed_at = write_until_a_round_is_due(hub, rounds)
        assert len(committed_at) > WRITING_SECONDS / 3
        gone = tmp_path / "gone"
        killed_at, again = is_lost(hub, moment, gone)
        assert letters_at(hub.settings, gone) == {"before", *committed_at}
        restored = restore(again, CATALOGUE, None)
        found = told(again, OwnHub(again).engine, LETTERS)
        assert found.pop("before") == as_kept(ADA)
        assert all(values == as_kept(ADA) for values in found.values())
        assert found, f"{moment}: nothing that came after the base backup is there"
        lost_seconds = killed_at - committed_at[max(found)]
        since_round = killed_at - max(rounds.ended_at)
        with capsys.disabled():
            print(
                f"\n  {moment}: {lost_seconds:.1f} s lost, {len(committed_at) - len(found)} letters of"
                f" {len(committed_at)}; rounds end {rounds.due_at - rounds.ended_at[-1]:.1f} s apart, the last one"
                f" {since_round:.1f} s before the kill"
            )
        assert sorted(found) == list(committed_at)[: len(found)], "a letter is missing before one that is there"
        assert lost_seconds <= PROMISED_SECONDS
        assert restored.problems == []
        texts = landed_texts(again)
        assert all(as_csv({"ref": ref, **ADA}) in texts for ref in found)


@pytest.mark.long
def test_a_backup_never_refers_to_a_landed_file_that_it_lacks(tmp_path: Path) -> None:
    """Letters come in without a pause, so that some are committed while a round is under way; after it all is lost."""
    with own_hub(tmp_path) as hub, supervised(hub):
        rounds = Rounds(hub.places.kept)
        wait_until(rounds.kept.exists, 60)
        hub.backup()
        count = 0
        while len(rounds.ended_at) < 3:
            take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": str(count), **ADA}), f"{count}.csv")
            count += 1
            rounds.look()
        gone = tmp_path / "gone"
        _, again = is_lost(hub, Moment.BEFORE_A_ROUND, gone)
        assert letters_at(hub.settings, gone) == set(map(str, range(count)))
        assert restore(again, CATALOGUE, None).problems == []
