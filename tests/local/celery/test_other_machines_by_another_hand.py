"""Workers on other machines share with the hub the database, the broker, the store and the API server, and no folder;
they are cut off, killed and lost at random moments, and each delivery is loaded once.

``HUB_FAR_SEED`` chooses other moments, ``HUB_FAR_TIMES`` how often a machine goes (100 for the long form), in at most
``HUB_FAR_MINUTES``.
"""

import os
import random
import shutil
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue
from hub.local.sample_deliveries import SEED as SAMPLES
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import assert_nothing_is_lost, ledger_rows
from local.celery.far_machine import FarMachine, wait_until
from local.celery.followed import deliver, ends, is_calm, is_done, rows_of, secrets_of, tasks, trigger, waiting
from local.celery.several_machines import ANYWHERE, SeveralMachines
from local.celery.test_celery import moments_of, published, set_moments
from local.celery.weather import LONGEST, Weather, come_to_rest
from local.hub_command import call_hub, call_hub_well

NEEDED = ("redis-server", "unshare", "ip", "mount")
MISSING = [one for one in NEEDED if shutil.which(one) is None]
SEED = int(os.environ.get("HUB_FAR_SEED", "1"))
TIMES = int(os.environ.get("HUB_FAR_TIMES", "3"))
SECONDS = 60 * float(os.environ.get("HUB_FAR_MINUTES", "20"))
DAYS, REPORTS = 2 + min(12, TIMES), 400 + 20 * TIMES
FIRST = 1
"""Files of each feed that come before any machine goes."""
FAR = ("far-1", "far-2")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(MISSING), reason=f"missing: {', '.join(MISSING)}"),
    pytest.mark.skipif(os.getuid() != 0, reason="only root makes network and mount namespaces"),
]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeveralMachines]:
    """A hub whose own worker takes only what needs its folders, and two other machines for all else."""
    machines = SeveralMachines.started(tmp_path_factory.mktemp("machines") / "all")
    try:
        machines.prepare()
        machines.command("keys", "list")  # makes those that are not there yet
        for name in FAR:
            machines.add_machine(name, tuple(other for other in FAR if other != name))
        machines.start_hub("default")
        for one in machines.far:
            one.start()
        wait_until(lambda: all(one.is_ready() for one in machines.far), 300, "the workers are ready")
        yield machines
    finally:
        machines.stop()


@pytest.fixture(scope="module")
def files(machines: SeveralMachines) -> dict[str, list[Path]]:
    """What each feed delivers, in the order in which it comes."""
    made = machines.folder / "made"
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    size = ("--reports", str(REPORTS), "--days", str(DAYS), "--seed", str(SAMPLES), "--end", yesterday.isoformat())
    machines.command("simulate", "--out", str(made), *size)
    return {folder.name: sorted(folder.iterdir()) for folder in made.iterdir() if folder.name != "truth"}


def leaks_nothing(machines: SeveralMachines, machine: FarMachine) -> None:
    """Nothing of the hub's folders is there, and no secret but what other programs read in a form of their own: the
    passwords of Airflow's database and of dbt's role."""
    assert machine.sees(machines.folder / "near") == []
    secrets = secrets_of(machines)
    assert len(secrets) > 70
    found = set()
    for path in machine.home.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
        if path.is_file():
            text = path.read_text(errors="replace")
            found |= {(path.relative_to(machine.home).as_posix(), secrets[one]) for one in secrets if one in text}
    of_airflow = {(f"secrets/airflow-database{one}.url", "roles/hub_airflow") for one in ("", "-async")}
    assert of_airflow <= found
    assert found - of_airflow <= {("secrets/dbt.pgpass", "roles/hub_transformer")}
    for process in machine.processes():
        said = (process / "environ").read_text(errors="replace") + (process / "cmdline").read_text(errors="replace")
        assert not [secrets[one] for one in secrets if one in said], process
    printed = machine.log.read_text(errors="replace")
    assert not [secrets[one] for one in secrets if one in printed]


def test_other_machines_load_link_and_forecast_and_nothing_else(
    machines: SeveralMachines, files: dict[str, list[Path]]
) -> None:
    for path in (path for found in files.values() for path in found[:FIRST]):
        deliver(machines, path)
    wait_until(lambda: is_calm(machines, list(files)), LONGEST, "what came first is published", 2)
    if not is_done(machines, "%forecast%"):
        trigger(machines, "forecast_hotspots")
        wait_until(lambda: is_done(machines, "%forecast%"), 300, "a forecast is made", 2)
    found = tasks(machines)
    print(*sorted(found.items()), sep="\n")
    far = {(dag, task) for dag, task, queue, host in found if queue == ANYWHERE}
    assert {host for *_, queue, host in found if queue == ANYWHERE} == set(FAR)
    assert {queue for *_, queue, host in found if host in FAR} == {ANYWHERE}
    assert {dag for dag, _ in far} == {*(f"ingest_{feed}" for feed in files), "build_warehouse", "forecast_hotspots"}
    assert {row.status for row in ledger_rows(machines.warehouse())} >= {"loaded"}
    for machine in machines.far:
        leaks_nothing(machines, machine)


def test_machines_go_at_any_moment_and_each_delivery_is_loaded_once(
    machines: SeveralMachines, files: dict[str, list[Path]], catalogue: Catalogue
) -> None:
    rest = [deque(found[FIRST:]) for found in files.values()]
    coming: deque[Path] = deque()
    while any(rest):
        coming.extend(one.popleft() for one in rest if one)
    weather = Weather(machines, random.Random(SEED), TIMES, SECONDS)
    started = time.monotonic()
    weather.pass_over(coming)
    passed = time.monotonic() - started
    asked = come_to_rest(machines, list(files))
    print(f"{dict(weather.happened)} in {passed:.0f} s, {weather.at_work} at work;", "asked again:", asked)
    print(f"at rest after {time.monotonic() - started - passed:.0f} s more")
    engine = machines.warehouse()
    for contract in catalogue.contracts.values():
        assert_nothing_is_lost(engine, contract)
    found = tasks(machines)
    assert {host for *_, queue, host in found if queue == ANYWHERE} == set(FAR)
    assert {queue for *_, queue, host in found if host in FAR} == {ANYWHERE}
    for machine in machines.far:
        assert machine.sees(machines.folder / "near") == []
    is_as_where_nothing_went(machines, files)


def is_as_where_nothing_went(machines: SeveralMachines, files: dict[str, list[Path]]) -> None:
    """The same files by plain commands, in a hub that was left alone."""
    other = machines.settings_without_airflow(machines.folder / "alone")
    try:
        for feed, found in files.items():
            call_hub_well(other, "ingest", feed, *map(str, found))
        with_engine, without = machines.warehouse(), open_warehouse(other, Role.OWNER)
        assert ends(with_engine) == ends(without)
        for feed in files:
            ours, theirs = (rows_of(one, f"raw.{feed}", {"_loaded_at"}) for one in (with_engine, without))
            assert ours == theirs, feed
        of_the_moment = {"first_seen_at", "decided_at"}
        assert rows_of(with_engine, "quarantine.rows", of_the_moment) == rows_of(
            without, "quarantine.rows", of_the_moment
        )
        set_moments(other, moments_of(machines.hub))
        call_hub_well(other, "build")
        call_hub_well(other, "publish")
        assert published(machines.hub)["incidents_v1"] == published(other)["incidents_v1"]
    finally:
        call_hub(other, "stop")


def test_the_hubs_own_worker_does_it_all_where_no_other_machine_is_left(
    machines: SeveralMachines, files: dict[str, list[Path]]
) -> None:
    for machine in machines.far:
        machine.kill()
    machines.stop_near("worker")
    machines.start_near("worker", f"default,{ANYWHERE}")
    path = machines.folder / "hub_activity" / "once more.csv"
    path.parent.mkdir()
    path.write_bytes(files["hub_activity"][0].read_bytes() + b"\n")
    deliver(machines, path)
    wait_until(lambda: not waiting(machines), 300, "the file is loaded at home", 2)
    assert any(row.file_name == path.name and row.status == "loaded" for row in ledger_rows(machines.warehouse()))
