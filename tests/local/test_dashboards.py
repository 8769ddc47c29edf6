"""Superset beside a hub: what it is given, how it is started, and that a stop of the hub ends it. Without Superset."""

import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from hub.local.components import Component, Layer
from hub.local.dashboards import give_secrets, readers, server, start_dashboards, superset_environment
from hub.local.outcome import Outcome, RunProblem
from hub.local.processes import processes_of
from hub.local.run_folder import DASHBOARDS, HUB, make_run_folder, run_folder
from hub.local.stop import stop_components, stop_hub
from hub.local.supervision import start_supervisor, supervisor_answers
from hub.settings import Settings, read_settings
from hub.warehouse.engine import WarehouseProblem
from hub.warehouse.roles import Role, password_of

SLEEPER = Component("dashboards", (sys.executable, "-c", "import time; time.sleep(600)"), Layer.SERVICES)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Settings]:
    """A hub of which nothing runs, neither before nor after."""
    settings = read_settings({"HUB_HOME": str(tmp_path / "hub"), "HUB_WAREHOUSE_URL": "postgresql://nowhere"})
    yield settings
    for name in (DASHBOARDS, HUB):
        stop_components(run_folder(settings, name), print)


def test_superset_is_given_the_passwords_of_those_who_look_on_and_of_nobody_else(settings: Settings) -> None:
    give_secrets(settings)
    folder = settings.dashboards
    given = {path.name: path.read_text() for path in (folder / "roles").iterdir()}
    assert given == {role: password_of(settings, role) for role in readers(settings)}
    assert {Role.ANALYST, Role.BI, "force_E23000001"} <= given.keys()
    assert not given.keys() & (set(Role) - {Role.ANALYST, Role.BI})
    assert {path.name for path in (folder / "accounts").iterdir()} == {"admin", *given}
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*") if path.is_file())


def test_its_own_passwords_stay_and_a_roles_new_one_is_copied(settings: Settings) -> None:
    give_secrets(settings)
    kept = {path: path.read_text() for path in (settings.dashboards / "accounts").iterdir()}
    key = (settings.dashboards / "secret-key").read_text()
    (settings.dashboards / "roles" / Role.BI).write_text("an older one")
    give_secrets(settings)
    assert {path: path.read_text() for path in kept} == kept
    assert (settings.dashboards / "secret-key").read_text() == key
    assert (settings.dashboards / "roles" / Role.BI).read_text() == password_of(settings, Role.BI)


def test_no_secret_is_in_its_environment_or_command(settings: Settings) -> None:
    give_secrets(settings)
    secrets = {path.read_text().strip() for path in settings.dashboards.rglob("*") if path.is_file()}
    told = [*superset_environment(settings).values(), *server(settings).command]
    assert not any(secret in text for secret in secrets for text in told)
    address = superset_environment(settings)["HUB_WAREHOUSE_URL"]
    assert "@" not in address
    assert address.startswith("postgresql://127.0.0.1:")


def test_it_listens_on_the_loopback_address_alone(settings: Settings) -> None:
    command = server(dataclasses.replace(settings, dashboards_port=8123)).command
    assert command[command.index("--bind") + 1] == "127.0.0.1:8123"


def test_without_its_environment_a_start_says_what_makes_it(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(RunProblem, match="make dashboards") as problem:
        start_dashboards(dataclasses.replace(settings, project=tmp_path), Console(quiet=True))
    assert problem.value.outcome is Outcome.NO_DASHBOARDS


def test_beside_a_hub_that_does_not_run_nothing_is_started(tmp_path: Path) -> None:
    settings = read_settings({"HUB_HOME": str(tmp_path)})
    with pytest.raises(WarehouseProblem, match="make run starts it"):
        start_dashboards(settings, Console(quiet=True))
    assert list(tmp_path.iterdir()) == []


def test_a_stop_of_the_hub_ends_its_dashboards_too(elsewhere: Settings) -> None:
    folders = [run_folder(elsewhere, name) for name in (HUB, DASHBOARDS)]
    for folder in folders:
        make_run_folder(folder)
        start_supervisor(elsewhere, folder, (SLEEPER,), {"PATH": os.defpath})
    assert all(supervisor_answers(folder) for folder in folders)
    # Each has a log of its own: two that turn over one file would lose what the other wrote.
    assert {path.name for path in elsewhere.logs.glob("supervisord*.log")} >= {
        "supervisord.log",
        "supervisord-run-dashboards.log",
    }
    stop_hub(elsewhere, print)
    assert [processes_of(folder) for folder in folders] == [[], []]
