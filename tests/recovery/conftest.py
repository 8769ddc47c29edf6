"""Hubs on the session's server that take in letters, calls and packs and know no other feed."""

import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import Databases, copy_database, database_url
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from privacy.letters import FEEDS

LETTERS_TEMPLATE = "hub_letters_template"


@pytest.fixture(scope="session")
def letters_template(server_settings: Settings, administration: sa.Engine, request: pytest.FixtureRequest) -> str:
    """A database with the tables of these feeds alone: it is copied several times for each order of steps. The roles
    that may make tables in it are there with the other template."""
    request.getfixturevalue("template_database")
    copy_database(administration, "template0", LETTERS_TEMPLATE)
    settings = dataclasses.replace(server_settings, warehouse_url=database_url(server_settings, LETTERS_TEMPLATE))
    engine = open_warehouse(settings, Role.OWNER)
    prepare_warehouse(engine, FEEDS)
    engine.dispose()
    return LETTERS_TEMPLATE


@pytest.fixture
def hub(databases: Databases, letters_template: str, tmp_path: Path) -> Settings:
    """A copy of it with a home of its own."""
    return databases.make(letters_template, tmp_path)
