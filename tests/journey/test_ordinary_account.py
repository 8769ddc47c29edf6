"""A hub is run by an ordinary account that may only read the checkout, and what it keeps is for that account alone.

A database server does not run as root, so a hub that root starts runs its own in another way: all other tests show that
where root calls them.
"""

import json
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from conftest import free_port
from hub.local.processes import is_alive, processes_of
from hub.local.run_folder import run_folder
from hub.settings import Settings, read_settings
from hub.warehouse.embedded_postgres import embedded_postgres, postmaster
from local.hub_command import HUB

FEED = "true_vision_reports"
IS_ROOT = os.getuid() == 0
ACCOUNT = pwd.getpwnam("nobody") if IS_ROOT else pwd.getpwuid(os.getuid())


@dataclass(frozen=True)
class AccountsHub:
    """A hub in a folder of an account, called by that account."""

    folder: Path
    settings: Settings
    ports: dict[str, str]

    @property
    def kept(self) -> tuple[Path, ...]:
        """The folders that hold what people said of themselves, and the keys to it."""
        return (self.folder / "home", self.folder / "backup", self.folder / "keys")

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        home, backup, keys = map(str, self.kept)
        places = {"HUB_HOME": home, "HUB_BACKUP": backup, "HUB_BACKUP_KEYS": keys}
        return subprocess.run(
            command,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **places, **self.ports},
            cwd=self.folder,
            user=ACCOUNT.pw_uid if IS_ROOT else None,
            group=ACCOUNT.pw_gid if IS_ROOT else None,
            extra_groups=() if IS_ROOT else None,
            umask=0o022,
            capture_output=True,
            text=True,
            check=False,
        )

    def hub(self, *arguments: str) -> str:
        """Run ``hub ARGUMENTS``, insist on exit code 0, and return what it printed."""
        done = self.call(HUB, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ingest(self, sample: Path) -> None:
        """A file of the account's own: what another one has just written counts as not whole yet."""
        file = self.folder / sample.name
        shutil.copyfile(sample, file)
        os.chown(file, ACCOUNT.pw_uid, ACCOUNT.pw_gid)
        answer = json.loads(self.hub("ingest", FEED, str(file)).splitlines()[-1])
        assert answer["status"] == "loaded"
        assert answer["rows_accepted"] > 0

    def processes(self) -> list[psutil.Process]:
        server = postmaster(embedded_postgres(self.settings))
        return [*processes_of(run_folder(self.settings)), *([server] if server else [])]


@pytest.fixture
def hub() -> Iterator[AccountsHub]:
    # Not below pytest's folder, into which only the tests' own account may look.
    with tempfile.TemporaryDirectory(prefix="hub-account-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.chown(folder, ACCOUNT.pw_uid, ACCOUNT.pw_gid)
        ports = {"HUB_PORT": str(free_port()), "HUB_PG_PORT": str(free_port())}
        made = AccountsHub(folder, read_settings({"HUB_HOME": str(folder / "home"), **ports}), ports)
        if made.call("test", "-x", HUB, "-a", "-r", __file__).returncode != 0:
            pytest.skip(f"{ACCOUNT.pw_name} may not read this checkout or its environment")
        yield made
        made.call(HUB, "stop")


def assert_only_the_account_works_for_it(hub: AccountsHub, *, at_least: int) -> None:
    running = hub.processes()
    assert len(running) >= at_least
    assert {uid for process in running for uid in process.uids()} == {ACCOUNT.pw_uid}


def assert_kept_for_the_account_alone(hub: AccountsHub) -> None:
    paths = [path for folder in hub.kept for path in (folder, *folder.rglob("*"))]
    found = {str(path.relative_to(hub.folder)): path.lstat() for path in paths}
    assert {one.st_uid for one in found.values()} == {ACCOUNT.pw_uid}
    # A link has no rights of its own.
    open_to_others = [
        name for name, one in found.items() if not stat.S_ISLNK(one.st_mode) and stat.S_IMODE(one.st_mode) & 0o077
    ]
    assert open_to_others == []
    files = [name for name, one in found.items() if stat.S_ISREG(one.st_mode)]
    for part in ("home/secrets/master.keys", "keys/", f"home/landing/{FEED}/", "backup/base/", "backup/landing/"):
        assert any(name.startswith(part) for name in files), f"nothing to look at below {part}"


def test_an_ordinary_account_ingests_backs_up_and_stops(hub: AccountsHub) -> None:
    if IS_ROOT:
        project = str(hub.settings.project)
        assert hub.call("test", "-w", project).returncode != 0, f"{ACCOUNT.pw_name} may write {project}"
    hub.ingest(hub.settings.expectations / FEED / "samples" / "good.csv")
    assert_only_the_account_works_for_it(hub, at_least=1)
    assert "encrypted" in hub.hub("backup")
    assert "Stopped" in hub.hub("stop")
    assert hub.processes() == []
    assert_kept_for_the_account_alone(hub)


@pytest.mark.long
def test_an_ordinary_account_runs_the_whole_hub(hub: AccountsHub) -> None:
    hub.hub("run", "--samples", "none")
    # The supervisor, what looks after the database and the backup, Airflow's four, the sandbox, and the server.
    assert_only_the_account_works_for_it(hub, at_least=9)
    hub.ingest(hub.settings.expectations / FEED / "samples" / "good.csv")
    hub.hub("build")
    hub.hub("publish")
    hub.hub("backup")
    hub.hub("drill")
    left = hub.processes()
    assert "Stopped" in hub.hub("stop")
    assert not any(is_alive(process) for process in left)
    assert hub.processes() == []
    assert_kept_for_the_account_alone(hub)
