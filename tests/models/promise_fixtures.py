"""The hub of the proof of what may leave: made once a session, copied for each test."""

import pickle
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import FIRST, PARSED, Databases, copy_database, free_port, give_keys, share_keys
from dispatch.mail_receiver import MailReceiver
from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models import updates_world
from models.made_hubs import made_once, rename, with_database
from models.promise_hub import PromisedHub
from models.promise_world import Truth, World, every_account, make_world
from models.rows import leave_out_data_tests
from models.updates_mail import Postbox

OF_PROMISE = "hub_of_promise"
Made = tuple[Settings, World, Truth, dict[int, uuid.UUID]]


@pytest.fixture(scope="session")
def promise_published(
    session_folder: Path,
    server_settings: Settings,
    administration: sa.Engine,
    template_database: str,
    catalogue: Catalogue,
    handed_on: Path,
) -> Made:
    """The world taken in, built and published."""
    folder = session_folder / "promise"
    settings = with_database(server_settings, OF_PROMISE, folder / "hub" / "home")

    def make() -> tuple[World, Truth, dict[int, uuid.UUID]]:
        first = with_database(server_settings, FIRST, settings.home)
        give_keys(settings.home)
        if (handed_on / FIRST).exists():
            (first.home / PARSED.parent).mkdir()
            shutil.copy(handed_on / FIRST, first.home / PARSED)
        copy_database(administration, template_database, FIRST)
        world, truth = make_world(), Truth()
        hub = PromisedHub(first, catalogue, truth, truth=truth)
        for file in world.files:
            hub.deliver(file)
        hub.release(world.files[-1])
        answers = updates_world.World(folder)
        for one in every_account(truth):
            if one.contact and one.incident % 4 == 1 and not one.is_anonymous:
                answers.answer(one.ref, "outcome", "2026-10-22", outcome_code="1")
        updates_world.deliver(first, catalogue, answers.files("2026-10-23"))
        with pytest.MonkeyPatch.context() as patched:
            leave_out_data_tests(patched)
            hub.build()
        shutil.copy(first.home / PARSED, handed_on / FIRST)
        hub.publish()
        rename(administration, OF_PROMISE)
        return world, truth, hub.ids

    return settings, *made_once(folder, settings, server_settings, administration, make)


@pytest.fixture
def promised_hub(
    promise_published: Made, databases: Databases, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PromisedHub]:
    """A copy of that hub with recipients of every kind, whose packages and messages wait for a person."""
    published, _, truth, ids = promise_published
    settings = databases.make(OF_PROMISE, tmp_path / "hub")
    share_keys(published, settings)
    left_out = shutil.ignore_patterns("secrets", "audit")
    shutil.copytree(published.home, settings.home, dirs_exist_ok=True, ignore=left_out)
    audit.begin_with(settings, open_warehouse(settings, Role.OWNER))
    leave_out_data_tests(monkeypatch)
    truth = pickle.loads(pickle.dumps(truth))
    made = PromisedHub(settings, catalogue, truth, dict(ids), list(truth.files), truth=truth)
    postbox = Postbox(free_port())
    with MailReceiver() as desk, postbox:
        made.open_doors(desk, postbox)
        yield made
