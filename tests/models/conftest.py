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

from conftest import (
    FIRST,
    PARSED,
    Databases,
    copy_database,
    database_url,
    end_sessions,
    give_keys,
    share_keys,
    share_roles,
)
from hub.build.warehouse_build import BuildResult, build_warehouse
from hub.contracts.model import Catalogue
from hub.publish import publish
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.persons_hub import Hub
from models.persons_world import World, make_world
from models.rows import put_delivery, put_samples

BUILT, OF_PERSONS = "hub_built", "hub_of_persons"


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


@pytest.fixture(scope="session")
def persons_published(
    session_folder: Path,
    server_settings: Settings,
    administration: sa.Engine,
    template_database: str,
    catalogue: Catalogue,
    handed_on: Path,
) -> tuple[Settings, World, dict[int, uuid.UUID]]:
    """The world of ``persons_world`` taken in, built and published: where it stands, and the ids of its deliveries."""
    folder = session_folder / "persons"
    folder.mkdir(exist_ok=True)
    dump, told = folder / "warehouse.dump", folder / "told.pickle"
    settings = _with_database(server_settings, OF_PERSONS, folder / "hub" / "home")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if told.exists():
            share_roles(server_settings, settings.home)
            copy_database(administration, "template0", OF_PERSONS)
            _call("pg_restore", settings, "--exit-on-error", str(dump))
        else:
            first = _with_database(server_settings, FIRST, settings.home)
            settings.home.mkdir(parents=True, mode=0o700)
            give_keys(settings.home)
            share_roles(server_settings, settings.home)
            copy_database(administration, template_database, FIRST)
            world = make_world()
            hub = Hub(first, catalogue, world.told)
            for file in world.built:
                hub.deliver(file)
            world.told.count_built = len(world.built)
            build_warehouse(first)
            shutil.copy(first.home / PARSED, handed_on / FIRST)
            publish(first, open_warehouse(first, Role.PUBLISHER))
            with administration.connect() as connection:
                end_sessions(connection, FIRST)
                connection.execute(sa.text(f"alter database {FIRST} rename to {OF_PERSONS}"))
            _call("pg_dump", settings, "--format=custom", "--compress=none", "--statistics", f"--file={dump}")
            told.write_bytes(pickle.dumps((world, hub.ids)))
    world, ids = pickle.loads(told.read_bytes())
    return settings, world, ids


@pytest.fixture
def persons_hub(
    persons_published: tuple[Settings, World, dict[int, uuid.UUID]],
    databases: Databases,
    catalogue: Catalogue,
    tmp_path: Path,
) -> tuple[Hub, World]:
    """A copy of that hub, with no recipients yet; and its world, of which the rest is yet to come."""
    published, world, ids = persons_published
    settings = databases.make(OF_PERSONS, tmp_path / "hub")
    share_keys(published, settings)
    left_out = shutil.ignore_patterns("secrets", "audit")
    shutil.copytree(published.home, settings.home, dirs_exist_ok=True, ignore=left_out)
    audit.begin_with(settings, open_warehouse(settings, Role.OWNER))
    world = pickle.loads(pickle.dumps(world))
    return Hub(settings, catalogue, world.told, dict(ids), list(world.told.files)), world
