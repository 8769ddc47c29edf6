"""A warehouse that has been built once from the feeds' own good samples; each test gets a copy of it."""

import dataclasses
import fcntl
import json
import pickle
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import (
    FIRST,
    PARSED,
    Databases,
    copy_database,
    database_url,
    end_sessions,
    free_port,
    share_keys,
    share_roles,
)
from hub.build.warehouse_build import BuildResult, build_warehouse
from hub.contracts.model import Catalogue
from hub.reporters.sending import prepare_updates
from hub.settings import Settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import put_delivery, put_samples
from models.updates_mail import Postbox, say
from models.updates_world import ToldHub, fill

BUILT = "hub_built"
TOLD = "hub_told"


@dataclass(frozen=True)
class Built:
    """The first build: where it stands, what it did, and dbt's manifest of it."""

    settings: Settings
    result: BuildResult
    manifest: dict[str, Any]


@pytest.fixture(scope="session")
def built(
    session_folder: Path,
    server_settings: Settings,
    administration: sa.Engine,
    template_database: str,
    catalogue: Catalogue,
    handed_on: Path,
) -> Built:
    """Every feed's good sample, taken in and built with all unit tests and tests of macros.

    The first worker that asks makes it; the server of any other is given what that one has left.
    """
    folder = session_folder / "built"
    settings = _with_database(server_settings, BUILT, folder / "home")

    def make() -> BuildResult:
        result = _build(server_settings, administration, template_database, catalogue, folder / "home")
        shutil.copy(folder / "home" / PARSED, handed_on / FIRST)
        return result

    result = _made_once(folder, settings, server_settings, administration, make)
    manifest = json.loads((settings.home / "dbt" / "manifest.json").read_text())
    return Built(settings, result, manifest)


def _made_once[T](
    folder: Path, settings: Settings, server_settings: Settings, administration: sa.Engine, make: Callable[[], T]
) -> T:
    """What ``make`` returns. The first worker makes the database of these settings, and any other restores its dump."""
    folder.mkdir(exist_ok=True)
    dump, told = folder / "warehouse.dump", folder / "told.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        share_roles(server_settings, settings.home)
        if told.exists():
            copy_database(administration, "template0", str(make_url(str(settings.warehouse_url)).database))
            _call("pg_restore", settings, "--exit-on-error", str(dump))
        else:
            made = make()
            # With what the planner knows of the tables: without it, they look as if they had never been analysed.
            _call("pg_dump", settings, "--format=custom", "--compress=none", "--statistics", f"--file={dump}")
            told.write_bytes(pickle.dumps(made))
    given: T = pickle.loads(told.read_bytes())
    return given


def _build(
    server_settings: Settings,
    administration: sa.Engine,
    template_database: str,
    catalogue: Catalogue,
    home: Path,
) -> BuildResult:
    """Under the name of a test's first database, so that those go on from what dbt has parsed."""
    settings = _with_database(server_settings, FIRST, home)
    copy_database(administration, template_database, FIRST)
    put_samples(settings, catalogue)
    result = build_warehouse(settings, unit_tests=True)
    _rename(administration, BUILT)
    return result


def _rename(administration: sa.Engine, name: str) -> None:
    with administration.connect() as connection:
        end_sessions(connection, FIRST)
        connection.execute(sa.text(f"alter database {FIRST} rename to {name}"))


def _with_database(server_settings: Settings, name: str, home: Path) -> Settings:
    url = database_url(server_settings, name)
    return dataclasses.replace(
        server_settings, warehouse_url=url, home=home, drop=home / "drop", sandbox=home / "sandbox"
    )


def _call(program: str, settings: Settings, *arguments: str) -> None:
    """One of PostgreSQL's programs, on the database of these settings."""
    command = [str(embedded_postgres.binaries() / program), f"--dbname={settings.warehouse_url}", *arguments]
    subprocess.run(command, check=True)


@pytest.fixture
def copy_built(built: Built, databases: Databases, tmp_path: Path) -> Callable[[], Settings]:
    """Makes copies of the built warehouse that this test alone may change."""

    def copy() -> Settings:
        settings = databases.make(BUILT, tmp_path)
        share_keys(built.settings, settings)
        return settings

    return copy


@pytest.fixture
def warehouse(copy_built: Callable[[], Settings]) -> Settings:
    """A copy of the built warehouse that this test alone may change."""
    return copy_built()


@pytest.fixture
def deliver(warehouse: Settings, catalogue: Catalogue) -> Callable[..., uuid.UUID]:
    """Puts rows into a feed's raw table as a loaded delivery, past all checks."""

    def put(feed: str, *rows: dict[str, object]) -> uuid.UUID:
        return put_delivery(open_warehouse(warehouse, Role.OWNER), catalogue.contracts[feed], *rows)

    return put


@pytest.fixture(scope="session")
def told_hub(
    built: Built, session_folder: Path, server_settings: Settings, administration: sa.Engine, catalogue: Catalogue
) -> ToldHub:
    """The built warehouse with reports of every kind that an update can be about, built and published."""
    folder = session_folder / "told"
    home = folder / "home"
    settings = _with_database(server_settings, TOLD, home)

    def make() -> ToldHub:
        (home / PARSED.parent).mkdir()
        shutil.copy(built.settings.home / PARSED, home / PARSED)
        share_keys(built.settings, settings)
        copy_database(administration, BUILT, FIRST)
        hub = fill(_with_database(server_settings, FIRST, home), catalogue, folder)
        _rename(administration, TOLD)
        return hub

    hub = _made_once(folder, settings, server_settings, administration, make)
    return dataclasses.replace(hub, settings=settings)


@pytest.fixture
def hub(told_hub: ToldHub, databases: Databases, tmp_path: Path) -> ToldHub:
    """A copy of that hub which this test alone may change."""
    settings = databases.make(TOLD, tmp_path)
    share_keys(told_hub.settings, settings)
    return dataclasses.replace(told_hub, settings=settings)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A mail server that takes everything, until it is told to fail."""
    server = Postbox(free_port())
    with server:
        yield server


@pytest.fixture
def ready(hub: ToldHub, postbox: Postbox) -> ToldHub:
    """That hub with every message that is due approved by rule, and none sent."""
    say(hub.settings, postbox.address)
    prepare_updates(hub.settings)
    return hub
