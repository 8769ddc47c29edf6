"""A warehouse that has been built once from the feeds' own good samples; each test gets a copy of it."""

import dataclasses
import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import Databases
from hub.contracts import Catalogue
from hub.doors import embedded_postgres
from hub.doors.warehouse import open_warehouse
from hub.settings import Settings
from hub.warehouse_build import BuildResult, build_warehouse
from warehouse.rows import put_delivery, put_samples


@dataclass(frozen=True)
class Built:
    """The first build: where it stands, what it did, and dbt's manifest of it."""

    settings: Settings
    result: BuildResult
    manifest: dict[str, Any]


def _with_database(server_settings: Settings, name: str, home: Path) -> Settings:
    server = embedded_postgres.embedded_postgres(server_settings)
    url = make_url(server.url).set(database=name).render_as_string(hide_password=False)
    return dataclasses.replace(server_settings, warehouse_url=url, home=home, drop=home / "drop")


@pytest.fixture(scope="session")
def built(
    server_settings: Settings,
    administration: sa.Engine,
    template_database: str,
    catalogue: Catalogue,
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:
    """Every feed's good sample, taken in and built with all unit tests and tests of macros."""
    with administration.connect() as connection:
        connection.execute(sa.text(f"create database hub_built template {template_database}"))
    settings = _with_database(server_settings, "hub_built", tmp_path_factory.mktemp("built"))
    put_samples(settings, catalogue)
    result = build_warehouse(settings, unit_tests=True)
    open_warehouse(settings).dispose()
    manifest = json.loads((settings.home / "dbt" / "manifest.json").read_text())
    return Built(settings, result, manifest)


@pytest.fixture
def copy_built(built: Built, databases: Databases, tmp_path: Path) -> Callable[[], Settings]:
    """Makes copies of the built warehouse that this test alone may change."""

    def copy() -> Settings:
        open_warehouse(built.settings).dispose()  # a database with sessions cannot be copied
        settings = databases.make("hub_copy", "hub_built", tmp_path)
        # Under other keys the tokens of what is there would not be those of what comes.
        shutil.copytree(built.settings.secrets, settings.secrets)
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
        return put_delivery(open_warehouse(warehouse), catalogue.contracts[feed], *rows)

    return put
