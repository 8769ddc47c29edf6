"""A warehouse that has been built once from the feeds' own good samples; each test gets a copy of it."""

import dataclasses
import fcntl
import json
import pickle
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import FIRST, PARSED, Databases, copy_database, database_url, end_sessions, share_keys, share_roles
from hub.build.warehouse_build import BuildResult, build_warehouse
from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import put_delivery, put_samples

BUILT = "hub_built"


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
    folder.mkdir(exist_ok=True)
    dump, told = folder / "warehouse.dump", folder / "told.pickle"
    settings = _with_database(server_settings, BUILT, folder / "home")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        share_roles(server_settings, settings.home)
        if told.exists():
            copy_database(administration, "template0", BUILT)
            _call("pg_restore", settings, "--exit-on-error", str(dump))
        else:
            result = _build(server_settings, administration, template_database, catalogue, folder / "home")
            shutil.copy(folder / "home" / PARSED, handed_on / FIRST)
            # With what the planner knows of the tables: without it, they look as if they had never been analysed.
            _call("pg_dump", settings, "--format=custom", "--compress=none", "--statistics", f"--file={dump}")
            told.write_bytes(pickle.dumps(result))
    result = pickle.loads(told.read_bytes())
    manifest = json.loads((settings.home / "dbt" / "manifest.json").read_text())
    return Built(settings, result, manifest)


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
    with administration.connect() as connection:
        end_sessions(connection, FIRST)
        connection.execute(sa.text(f"alter database {FIRST} rename to {BUILT}"))
    return result


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
