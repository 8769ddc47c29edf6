"""``hub status`` shows how the hub itself is, and its exit code says whether somebody must do something."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.backup.base import bases
from hub.backup.places import as_name, write_text
from hub.cli.main import app
from hub.local.components import Component, Layer
from hub.local.run_folder import run_folder
from hub.local.stop import stop_components
from hub.local.supervision import component_states, start_supervisor, supervisor_answers
from hub.orchestration.airflow_environment import ui_passwords_file
from local.hub_command import call_hub
from recovery.hubs import OwnHub, own_hub

SLEEPER = Component("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), Layer.AIRFLOW)
BROKEN = Component("broken", (sys.executable, "-c", "raise SystemExit(3)"), Layer.AIRFLOW)
ROW = re.compile(r"^\s*(\S.*?)\s{2,}(well|wrong)\s+(.*?)\s*$", re.MULTILINE)
ALWAYS = {"clock", "home", "notifications", "disk", "disk of backups"}
OF_BACKUPS = {"kept until", "full log segments", "base backup", "drill"}


class Airflow:
    """One that answers and has paused nothing."""

    def __init__(self, *_: object) -> None:
        pass

    def log_in(self, *_: object) -> None:
        pass

    def paused_by_dag(self) -> dict[str, bool]:
        return {"back_up": False}


def record_drill(hub: OwnHub, at: datetime, *problems: str) -> None:
    write_text(hub.places.drills / f"{as_name(at)}.json", json.dumps({"at": as_name(at), "problems": problems}))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnHub]:
    """A hub with a fresh backup and a drill that found it whole; two of its components can be started."""
    monkeypatch.setattr("hub.local.condition.AirflowApi", Airflow)
    monkeypatch.setenv("COLUMNS", "400")
    with own_hub(tmp_path) as hub:
        settings = hub.settings
        for name in ("home", "backup", "backup_keys", "pg_port"):
            monkeypatch.setenv(f"HUB_{name.upper()}", str(getattr(settings, name)))
        write_text(ui_passwords_file(settings), '{"admin": "a password"}')
        hub.backup()
        hub.keep_up()
        record_drill(hub, datetime.now(UTC))
        try:
            yield hub
        finally:
            stop_components(run_folder(settings), print)


def start(hub: OwnHub, *parts: Component) -> None:
    start_supervisor(hub.settings, run_folder(hub.settings), parts, {"PATH": os.defpath})


def wait_for(is_so: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def status(hub: OwnHub) -> tuple[int, dict[str, str], set[str]]:
    """Exit code, what it says of each part, and the parts that are wrong."""
    hub.keep_up()
    done = CliRunner().invoke(app, ["status"])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    rows = ROW.findall(done.stdout.partition("The hub itself")[2])
    return done.exit_code, {part: said for part, _, said in rows}, {part for part, how, _ in rows if how == "wrong"}


def test_a_hub_that_is_well_ends_with_0_and_shows_components_disks_backup_and_drill(hub: OwnHub) -> None:
    start(hub, SLEEPER)
    code, said, wrong = status(hub)
    assert (code, wrong) == (0, set())
    assert said.keys() == ALWAYS | OF_BACKUPS | {"sleeper", "DAGs"}
    assert said["sleeper"].startswith(("starting", "running"))
    assert f"MiB are free under {hub.settings.home}" in said["disk"]
    assert f"MiB are free under {hub.settings.backup}" in said["disk of backups"]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert re.fullmatch(r"\d+ s ago", said["kept until"])
    assert re.fullmatch(rf"{today} \d\d:\d\d UTC, 1 in all", said["base backup"])
    assert re.fullmatch(rf"{today} \d\d:\d\d UTC: the hub comes back whole", said["drill"])


def test_a_component_that_does_not_come_up_is_named_and_the_end_is_not_0(hub: OwnHub) -> None:
    start(hub, SLEEPER, BROKEN)
    wait_for(lambda: any(one.has_died for one in component_states(run_folder(hub.settings))))
    code, said, wrong = status(hub)
    assert (code, wrong) == (1, {"broken"})
    assert said["broken"].startswith("backoff")


def test_a_supervisor_that_was_killed_is_named_and_the_end_is_not_0(hub: OwnHub) -> None:
    start(hub, SLEEPER)
    folder = run_folder(hub.settings)
    os.kill(int(folder.pid_file.read_text()), signal.SIGKILL)
    wait_for(lambda: not supervisor_answers(folder))
    code, said, wrong = status(hub)
    assert (code, wrong) == (1, {"components"})
    assert said["components"] == "the supervisor has died; hub run starts it again"


def test_a_full_disk_an_old_backup_and_an_old_or_failed_drill_are_named_and_the_end_is_not_0(
    hub: OwnHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("hub.local.condition.LEAST_FREE_BYTES", 1 << 60)
        assert status(hub)[::2] == (1, {"disk", "disk of backups"})

    now = datetime.now(UTC)
    for age, problems in ((timedelta(days=9), []), (timedelta(), ["1 rows are lost"])):
        for path in hub.places.drills.iterdir():
            path.unlink()
        record_drill(hub, now - age, *problems)
        code, said, wrong = status(hub)
        assert (code, wrong) == (1, {"drill"})
        found = "; ".join(problems) or "the hub comes back whole"
        assert said["drill"] == f"{now - age:%Y-%m-%d %H:%M} UTC: {found}"

    record_drill(hub, now + timedelta(seconds=1))
    (base,) = bases(hub.places)
    then = now - timedelta(hours=27)
    base.path.rename(base.path.with_name(f"{as_name(then)}_{base.first_segment}.tar"))
    code, said, wrong = status(hub)
    assert (code, wrong) == (1, {"base backup"})
    assert said["base backup"] == f"{then:%Y-%m-%d %H:%M} UTC, 1 in all"


def test_a_warehouse_that_does_not_run_is_said_in_one_line_and_the_end_is_not_0(hub: OwnHub) -> None:
    hub.stop()
    done = call_hub(hub.settings, "status")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"hub: the hub at {hub.settings.home} is not running; make run starts it\n"
