"""The hub of the proof of persons in packages: made once a session, copied for each test."""

import pickle
import shutil
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import FIRST, PARSED, Databases, copy_database, give_keys, share_keys
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.publish import publish
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.made_hubs import made_once, rename, with_database
from models.persons_hub import Hub
from models.persons_world import World, make_world
from models.rows import leave_out_data_tests

OF_PERSONS = "hub_of_persons"


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
    settings = with_database(server_settings, OF_PERSONS, folder / "hub" / "home")

    def make() -> tuple[World, dict[int, uuid.UUID]]:
        first = with_database(server_settings, FIRST, settings.home)
        give_keys(settings.home)
        if (handed_on / FIRST).exists():
            (first.home / PARSED.parent).mkdir()
            shutil.copy(handed_on / FIRST, first.home / PARSED)
        copy_database(administration, template_database, FIRST)
        world = make_world()
        hub = Hub(first, catalogue, world.told)
        for file in world.built:
            hub.deliver(file)
        world.told.count_built = len(world.built)
        with pytest.MonkeyPatch.context() as patched:
            leave_out_data_tests(patched)
            build_warehouse(first)
        shutil.copy(first.home / PARSED, handed_on / FIRST)
        publish(first, open_warehouse(first, Role.PUBLISHER))
        rename(administration, OF_PERSONS)
        return world, hub.ids

    world, ids = made_once(folder, settings, server_settings, administration, make)
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
