"""A hub of its own with its own server, its backups, and the hub that comes back from them."""

import atexit
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from conftest import free_port
from hub.backup import keeper
from hub.backup.make import make_backup
from hub.backup.places import Places, backup_places
from hub.ingest.prepare import prepare_warehouse
from hub.recovery.restore import Restored, restore
from hub.settings import Settings, read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from privacy.letters import CATALOGUE, FEEDS


@dataclass(frozen=True)
class OwnHub:
    """A running hub and its backups."""

    settings: Settings

    @property
    def engine(self) -> sa.Engine:
        return open_warehouse(self.settings, Role.OWNER)

    @property
    def places(self) -> Places:
        return backup_places(self.settings)

    def keep_up(self) -> None:
        """What the process does that keeps the backup up to date."""
        keeper.keep_up(self.settings, self.places, {})

    def backup(self) -> None:
        make_backup(self.settings)

    def stop(self) -> None:
        self.engine.dispose()
        embedded_postgres.stop(embedded_postgres.embedded_postgres(self.settings))

    def is_lost(self) -> Settings:
        """The machine is gone. Returns the settings of another home, in which there is nothing yet."""
        self.stop()
        home = self.settings.home.with_name(f"{self.settings.home.name}+")
        return replace(self.settings, home=home, drop=home / "drop", pg_port=free_port())

    def is_lost_and_comes_back(self, to: datetime | None = None) -> tuple["OwnHub", Restored]:
        """The machine is gone; another home gets what the backup has."""
        again = self.is_lost()
        return OwnHub(again), restore(again, CATALOGUE, to)


@cache
def _new_home() -> Path:
    """The home of a stopped hub to which nothing came. Made once and copied: making it takes seconds."""
    folder = Path(tempfile.mkdtemp(prefix="hub-recovery-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "home"
    home.mkdir(mode=0o700)
    hub = OwnHub(read_settings({"HUB_HOME": str(home), "HUB_PG_PORT": str(free_port())}))
    prepare_warehouse(hub.engine, FEEDS)
    hub.stop()
    return home


@contextmanager
def own_hub(folder: Path) -> Iterator[OwnHub]:
    """A hub that takes in letters, calls and packs, and keeps backups."""
    environment = {
        "HUB_HOME": str(folder / "home"),
        "HUB_BACKUP": str(folder / "backup"),
        "HUB_BACKUP_KEYS": str(folder / "keys"),
        "HUB_PG_PORT": str(free_port()),
    }
    # Also whose the files are: a server may run as another account.
    subprocess.run(["cp", "--archive", _new_home(), folder / "home"], check=True)
    hub = OwnHub(read_settings(environment))
    try:
        yield hub
    finally:
        for home in folder.glob("home*"):
            for one in (home, home / "restoring", home / "drill"):
                server = embedded_postgres.embedded_postgres(replace(hub.settings, home=one))
                embedded_postgres.stop(server)


def a_moment() -> datetime:
    """An instant between what has happened and what will."""
    time.sleep(0.05)
    now = datetime.now(UTC)
    time.sleep(0.05)
    return now
