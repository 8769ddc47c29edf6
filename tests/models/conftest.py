"""A warehouse that has been built once from the feeds' own good samples; each test gets a copy of it."""

import dataclasses
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
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
    free_port,
    share_keys,
)
from hub.build.warehouse_build import BuildResult, build_warehouse
from hub.contracts.model import Catalogue
from hub.publish import publish
from hub.reporters.sending import prepare_updates
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.made_hubs import made_once, rename, with_database
from models.persons_fixtures import persons_hub, persons_published
from models.promise_fixtures import promise_published, promised_hub
from models.rows import leave_out_data_tests, put_delivery, put_samples
from models.updates_mail import Postbox, write_rules
from models.updates_world import UpdatesHub, fill

__all__ = ["persons_hub", "persons_published", "promise_published", "promised_hub"]

BUILT = "hub_built"
PUBLISHED = "hub_published"
WITH_UPDATES = "hub_with_updates"


@dataclass(frozen=True)
class Built:
    """The first build: the settings of its warehouse, its result, and dbt's manifest."""

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
    """Every feed's good sample, ingested and built with all unit tests and tests of macros.

    The first worker that asks builds the warehouse. The others restore its dump on their own servers.
    """
    folder = session_folder / "built"
    settings = with_database(server_settings, BUILT, folder / "home")

    def make() -> BuildResult:
        result = _build(server_settings, administration, template_database, catalogue, folder / "home")
        shutil.copy(folder / "home" / PARSED, handed_on / FIRST)
        return result

    result = made_once(folder, settings, server_settings, administration, make)
    manifest = json.loads((settings.home / "dbt" / "manifest.json").read_text())
    return Built(settings, result, manifest)


def _build(
    server_settings: Settings,
    administration: sa.Engine,
    template_database: str,
    catalogue: Catalogue,
    home: Path,
) -> BuildResult:
    """Build in a database with the name of every test's first database, and rename it afterwards: tests can then use
    the project as dbt has parsed it, which depends on the database's name."""
    settings = with_database(server_settings, FIRST, home)
    copy_database(administration, template_database, FIRST)
    put_samples(settings, catalogue)
    result = build_warehouse(settings, unit_tests=True)
    rename(administration, BUILT)
    return result


@pytest.fixture
def copy_built(built: Built, databases: Databases, tmp_path: Path) -> Callable[[], Settings]:
    """Makes copies of the built warehouse that this test alone may change."""

    def copy() -> Settings:
        settings = databases.make(BUILT, tmp_path)
        share_keys(built.settings, settings)
        return settings

    return copy


@pytest.fixture
def publisher(warehouse: Settings) -> sa.Engine:
    return open_warehouse(warehouse, Role.PUBLISHER)


@pytest.fixture
def warehouse(copy_built: Callable[[], Settings]) -> Settings:
    """A copy of the built warehouse that this test alone may change."""
    return copy_built()


@pytest.fixture(scope="session")
def published_once(
    built: Built, session_folder: Path, server_settings: Settings, administration: sa.Engine
) -> Settings:
    """The built warehouse after its first publish, for tests that only read."""
    folder = session_folder / "published"
    settings = with_database(server_settings, PUBLISHED, folder / "home")

    def make() -> None:
        share_keys(built.settings, settings)
        copy_database(administration, BUILT, PUBLISHED)
        assert publish(settings, open_warehouse(settings, Role.PUBLISHER)).is_new

    made_once(folder, settings, server_settings, administration, make)
    return settings


@pytest.fixture
def published(published_once: Settings, databases: Databases, tmp_path: Path) -> Settings:
    """A copy of the published warehouse that this test alone may change. If nothing has changed, publishing it again
    makes no new publish."""
    settings = databases.make(PUBLISHED, tmp_path)
    share_keys(published_once, settings)
    return settings


@pytest.fixture
def without_data_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds leave out the data tests, which take half of a small build and have tests of their own."""
    leave_out_data_tests(monkeypatch)


@pytest.fixture
def deliver(warehouse: Settings, catalogue: Catalogue) -> Callable[..., uuid.UUID]:
    """Puts rows into a feed's raw table as a loaded delivery, past all checks."""

    def put(feed: str, *rows: dict[str, object]) -> uuid.UUID:
        return put_delivery(open_warehouse(warehouse, Role.OWNER), catalogue.contracts[feed], *rows)

    return put


@pytest.fixture(scope="session")
def hub_with_updates(
    built: Built, session_folder: Path, server_settings: Settings, administration: sa.Engine, catalogue: Catalogue
) -> UpdatesHub:
    """The built warehouse with reports of every kind that an update can be about, built and published."""
    folder = session_folder / "with_updates"
    home = folder / "home"
    settings = with_database(server_settings, WITH_UPDATES, home)

    def make() -> UpdatesHub:
        (home / PARSED.parent).mkdir()
        shutil.copy(built.settings.home / PARSED, home / PARSED)
        share_keys(built.settings, settings)
        copy_database(administration, BUILT, FIRST)
        with pytest.MonkeyPatch.context() as patched:
            leave_out_data_tests(patched)
            hub = fill(with_database(server_settings, FIRST, home), catalogue, folder)
        rename(administration, WITH_UPDATES)
        return hub

    hub = made_once(folder, settings, server_settings, administration, make)
    return dataclasses.replace(hub, settings=settings)


@pytest.fixture
def hub(hub_with_updates: UpdatesHub, databases: Databases, tmp_path: Path) -> UpdatesHub:
    """A copy of that hub which this test alone may change."""
    settings = databases.make(WITH_UPDATES, tmp_path)
    share_keys(hub_with_updates.settings, settings)
    return dataclasses.replace(hub_with_updates, settings=settings)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A mail server that takes everything, until it is told to fail."""
    server = Postbox(free_port())
    with server:
        yield server


@pytest.fixture
def ready(hub: UpdatesHub, postbox: Postbox) -> UpdatesHub:
    """That hub with every message that is due approved by rule, and none sent."""
    write_rules(hub.settings, postbox.address)
    prepare_updates(hub.settings)
    return hub
