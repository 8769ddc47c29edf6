"""Two machines load the same files by plain commands, and are cut off, killed and lost meanwhile: all is loaded once.

They share the warehouse and the bucket, and no folder; Airflow is not there to notice that one is gone.
``HUB_FAR_SEED`` and ``HUB_FAR_TIMES`` as in `test_other_machines_by_another_hand.py`.
"""

import os
import random
import shlex
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import assert_nothing_is_lost, ledger_rows
from local.celery.far_machine import FarMachine, wait_until
from local.celery.followed import ends, rows_of
from local.celery.several_machines import SeveralMachines
from local.hub_command import HUB, call_hub, call_hub_well

MISSING = [one for one in ("unshare", "ip", "mount", "redis-server") if shutil.which(one) is None]
SEED = int(os.environ.get("HUB_FAR_SEED", "1"))
TIMES = int(os.environ.get("HUB_FAR_TIMES", "3"))
FEEDS = ("true_vision_reports", "provider_statements", "community_reports", "hub_activity")
DAYS = 4
LONGEST = 600 + 30 * TIMES
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(MISSING), reason=f"missing: {', '.join(MISSING)}"),
    pytest.mark.skipif(os.getuid() != 0, reason="only root makes network and mount namespaces"),
]


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[SeveralMachines]:
    """A prepared hub of which nothing runs but its servers."""
    machines = SeveralMachines.started(tmp_path / "all")
    try:
        machines.prepare()
        machines.command("keys", "list")
        yield machines
    finally:
        machines.stop()


def loads(machine: FarMachine, files: dict[str, list[Path]]) -> None:
    """Let a machine load these files, of which it has copies of its own."""
    commands = []
    for feed, found in files.items():
        folder = machine.folder / "delivered" / feed
        folder.mkdir(parents=True)
        copies = [shutil.copy(path, folder) for path in found]
        commands.append(shlex.join([HUB, "ingest", feed, *map(str, copies)]))
    machine.description = replace(machine.description, command=("sh", "-ec", "\n".join(commands)))


def has_ended_well(machine: FarMachine) -> bool:
    return machine.process is not None and machine.process.poll() == 0


def go(machine: FarMachine, rng: random.Random) -> list[str]:
    """Take a machine away at a moment of its work, where it is at work, and let it come back."""
    time.sleep(rng.uniform(2, 12))
    kind = rng.choice(["cut", "broken off", "killed", "lost"])
    if has_ended_well(machine):
        return []
    if kind != "killed":
        machine.cable.cut()
        time.sleep(rng.uniform(0, 4))
    if kind in ("killed", "lost"):
        machine.kill()
        time.sleep(rng.uniform(0, 4))
    if kind == "cut":
        machine.cable.mend()
    else:
        machine.cable.break_off()
    return [kind]


def test_what_two_machines_load_while_they_come_and_go_is_loaded_once(
    machines: SeveralMachines, catalogue: Catalogue
) -> None:
    made, rng, gone = machines.folder / "made", random.Random(SEED), Counter[str]()
    machines.command("simulate", "--out", str(made), "--reports", str(800 + 40 * TIMES), "--days", str(DAYS))
    files = {feed: sorted((made / feed).iterdir()) for feed in FEEDS}
    for name, hidden in (("far-1", "far-2"), ("far-2", "far-1")):
        (machines.folder / hidden).mkdir(exist_ok=True)
        loads(machines.add_machine(name, (hidden,)), files)
    end = time.monotonic() + LONGEST
    while not all(has_ended_well(one) for one in machines.far) or gone.total() < TIMES:
        assert time.monotonic() < end, [one.log.read_text()[-1000:] for one in machines.far]
        for one in machines.far:
            if not one.is_up and (not has_ended_well(one) or gone.total() < TIMES):
                one.start()
        if gone.total() < TIMES:
            gone.update(go(rng.choice(machines.far), rng))
        else:
            time.sleep(1)
    print(dict(gone), [one.starts for one in machines.far])
    engine = machines.warehouse()
    assert {row.status for row in ledger_rows(engine)} & {"received"} == set()
    for feed in FEEDS:
        assert_nothing_is_lost(engine, catalogue.contracts[feed])
    for one in machines.far:
        assert [path for path in one.home.rglob("*") if path.is_file() and "landing" in path.parts] == []
    alone = machines.settings_without_airflow(machines.folder / "alone")
    try:
        for feed, found in files.items():
            call_hub_well(alone, "ingest", feed, *map(str, found))
        other = open_warehouse(alone, Role.OWNER)
        # Which of two machines was first with a file is in no table; the second found it there, or repeated it.
        firsts = [one for one in ends(engine).elements() if one[2] != "duplicate"]
        assert Counter(firsts) == Counter(one for one in ends(other).elements() if one[2] != "duplicate")
        for feed in FEEDS:
            left_out = {"_loaded_at"}
            assert rows_of(engine, f"raw.{feed}", left_out) == rows_of(other, f"raw.{feed}", left_out), feed
        of_the_moment = {"first_seen_at"}
        assert rows_of(engine, "quarantine.rows", of_the_moment) == rows_of(other, "quarantine.rows", of_the_moment)
    finally:
        call_hub(alone, "stop")


def marks(machines: SeveralMachines) -> int:
    """How many reads of deliveries have begun and not ended."""
    return sum(row.unfinished_reads for row in ledger_rows(machines.warehouse()))


def more_marks(machines: SeveralMachines, than: int) -> bool:
    return marks(machines) > than


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_is_not_refused_since_its_machine_was_cut_off(machines: SeveralMachines, times: int) -> None:
    """No worker died of it: each time the machine had no way to the database for some seconds."""
    made = machines.folder / "made"
    machines.command("simulate", "--out", str(made), "--reports", "40000", "--days", "1")
    (machines.folder / "far-2").mkdir()
    feed = "true_vision_reports"
    machine = machines.add_machine("far-1", ("far-2",))
    loads(machine, {feed: sorted((made / feed).iterdir())})
    for _ in range(times):
        is_read_again = partial(more_marks, machines, marks(machines))
        machine.start()
        wait_until(is_read_again, 60, "the file is being read", 0.05)
        time.sleep(0.5)
        machine.cable.break_off(refuses=True)
        wait_until(lambda: not machine.is_up, 60, "the command ends", 0.2)
        assert not has_ended_well(machine)
        machine.cable.break_off()
    machine.start()
    wait_until(lambda: not machine.is_up, 200, "the command ends", 0.2)
    (row,) = ledger_rows(machines.warehouse())
    assert (row.status, row.reason) == ("loaded", None), machine.log.read_text()[-1000:]
