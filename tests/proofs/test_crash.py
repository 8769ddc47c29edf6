"""Killed at any moment, or without its database for a while, and then run again: the hub's tables are those of a hub
that nothing ever happened to.

``HUB_CRASH_SEEDS`` and ``HUB_CRASH_SEED`` choose how many moments the long form tries, and which.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pytest

from conftest import free_port
from hub.contracts.model import Catalogue
from hub.settings import read_settings
from hub.warehouse import embedded_postgres
from proofs.crashes import (
    CrashGround,
    Deliveries,
    Standing,
    counts_of_loaded,
    fill_drop,
    finish,
    kill,
    report_files,
    standing,
    start,
    street_files,
)


class Accident(StrEnum):
    """What happens while deliveries are taken in."""

    KILLED = "hub ingest killed"
    KILLED_AT_DROP = "drop worker killed"
    STOPPED = "database restarted"
    CRASHED = "database killed"


EVERY_ACCIDENT = (
    *(Accident.KILLED, Accident.KILLED_AT_DROP, Accident.KILLED, Accident.STOPPED),
    *(Accident.KILLED, Accident.KILLED_AT_DROP, Accident.KILLED, Accident.CRASHED),
)


@dataclass(frozen=True)
class Undisturbed:
    """Deliveries, what a hub holds after them, and how many seconds they took."""

    deliveries: Deliveries
    standing: Standing
    seconds: float


@pytest.fixture(scope="module")
def ground(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashGround]:
    home = tmp_path_factory.mktemp("crash")
    settings = read_settings({"HUB_HOME": str(home), "HUB_PG_PORT": str(free_port())})
    made = CrashGround(settings, catalogue, embedded_postgres.embedded_postgres(settings))
    made.prepare()
    yield made
    embedded_postgres.stop(made.server)


def undisturbed(ground: CrashGround, deliveries: Deliveries) -> Undisturbed:
    with ground.hub() as hub:
        seconds = finish(hub, deliveries, by_drop=False)
        held = standing(hub)
        _holds_what_was_delivered(counts_of_loaded(hub))
        finish(hub, deliveries, by_drop=False)
        assert standing(hub) == held, "the same files again changed something"
    return Undisturbed(deliveries, held, seconds)


def _holds_what_was_delivered(counts: dict[str, tuple[int, int, int, int]]) -> None:
    assert sorted(counts) == ["1-small.csv", "2-bad.csv", "4-large.csv", "6-last.csv"]
    assert all(read == accepted + held_back + duplicate for read, accepted, held_back, duplicate in counts.values())
    # Every kind of row takes part.
    assert min(counts["4-large.csv"]) > 0


def suffer(ground: CrashGround, calm: Undisturbed, accident: Accident, seed: int) -> bool:
    """One accident at a random moment, a second run, and a comparison; returns whether it hit before the end."""
    by_drop = accident is Accident.KILLED_AT_DROP
    moment = random.Random(seed).uniform(0.25, 1.0) * calm.seconds
    with ground.hub() as hub:
        if by_drop:
            fill_drop(hub, calm.deliveries)
        process = start(hub, calm.deliveries, by_drop=by_drop)
        time.sleep(moment)
        was_running = process.poll() is None
        match accident:
            case Accident.KILLED | Accident.KILLED_AT_DROP:
                kill(process)
            case Accident.STOPPED:
                embedded_postgres.stop(ground.server)
                embedded_postgres.ensure_running(ground.server)
                process.communicate(timeout=120)
            case Accident.CRASHED:
                pid = embedded_postgres.postmaster_pid(ground.server)
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                process.communicate(timeout=120)
                while embedded_postgres.postmaster_pid(ground.server) == pid:
                    time.sleep(0.05)  # on a busy machine a killed process answers for a moment yet
                embedded_postgres.ensure_running(ground.server)
        finish(hub, calm.deliveries, by_drop=by_drop)
        found = standing(hub)
    told = f"seed {seed}, {accident} after {moment:.2f} s"
    different = {name for name in calm.standing.tables if found.tables[name] != calm.standing.tables[name]}
    assert not different, f"{told}: {[(n, found.tables[n], calm.standing.tables[n]) for n in different]}"
    assert found == calm.standing, told
    return was_running


def test_a_hub_that_is_killed_or_loses_its_database_ends_as_if_nothing_had_happened(ground: CrashGround) -> None:
    calm = undisturbed(ground, report_files(ground.catalogue, ground.settings.home, 4_000))
    # These seeds hit while the large file is taken in.
    for seed, accident in ((9, Accident.KILLED_AT_DROP), (5, Accident.CRASHED)):
        suffer(ground, calm, accident, seed)


@pytest.mark.long
def test_dozens_of_kills_at_random_moments_leave_what_an_undisturbed_hub_holds(
    ground: CrashGround, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("HUB_CRASH_SEEDS", "56"))
    first = int(os.environ.get("HUB_CRASH_SEED", "100"))
    calms = [
        undisturbed(ground, street_files(ground.catalogue, ground.settings.home, 200_000)),
        undisturbed(ground, report_files(ground.catalogue, ground.settings.home, 40_000)),
    ]
    hits: Counter[str] = Counter()
    with capsys.disabled():
        print()
        for calm in calms:
            print(f"  {calm.deliveries.feed}: {calm.seconds:.1f} s undisturbed")
        for seed in range(first, first + count):
            number = seed - first
            accident = EVERY_ACCIDENT[number // len(calms) % len(EVERY_ACCIDENT)]
            hit = suffer(ground, calms[number % len(calms)], accident, seed)
            hits[f"{accident}{'' if hit else ', after the end'}"] += 1
        for what, times in sorted(hits.items()):
            print(f"  {what:<40} {times:>4}")
    assert sum(times for what, times in hits.items() if not what.endswith("end")) > count // 2
