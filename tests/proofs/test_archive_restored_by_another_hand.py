"""A hub with an archive is lost, and comes back from its backups with every file that its ledger lists."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from hub.backup import wal
from hub.contracts.model import Catalogue, read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.recovery.restore import restore
from proofs.archive_world.archived_hub import ArchivedHub
from proofs.archive_world.history import History
from proofs.archive_world.projects import project_of_few_rules
from proofs.archive_world.shelf import Shelf
from recovery.hubs import OwnHub, a_moment, own_hub

SEED = 7


@pytest.fixture(scope="module")
def few_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_of_few_rules(tmp_path_factory.mktemp("project"))


@pytest.fixture
def catalogue(few_rules: Path) -> Catalogue:
    return read_catalogue(few_rules / "expectations")


def history_of(hub: OwnHub, catalogue: Catalogue, project: Path, scratch: Path) -> History:
    """The beginning of a history: deliveries that share records, and one that is withdrawn."""
    scratch.mkdir()
    used = replace(hub.settings, project=project)
    prepare_warehouse(hub.engine, catalogue.contracts.values())
    return History(ArchivedHub(used, catalogue, Shelf(used), scratch, used), SEED)


def come_back(hub: OwnHub, one: History, to: datetime | None = None) -> OwnHub:
    """The machine is lost. What the backup has is put into another home, and the history goes on there."""
    again = hub.is_lost()
    restored = restore(again, one.hub.catalogue, to)
    # The head of the audit log is noted by the keeper, which a test can leave out.
    assert not [proof for proof in restored.proofs if proof.problems and proof.name != "audit chain"]
    used = replace(again, project=one.hub.settings.project)
    one.told.append("restored")
    ids, repeats = one.hub.ids, one.hub.repeats
    one.hub = ArchivedHub(used, one.hub.catalogue, Shelf(used), one.hub.scratch, used, ids, repeats)
    return OwnHub(again)


def test_a_lost_hub_comes_back_with_every_file_of_its_archive(
    catalogue: Catalogue, few_rules: Path, tmp_path: Path
) -> None:
    """Also with files of loads and withdrawals after the backup."""
    with own_hub(tmp_path) as hub:
        one = history_of(hub, catalogue, few_rules, tmp_path / "scratch")
        for way in (one.send, one.send_in_another_order):
            one.take(way)
        hub.backup()
        for way in (one.send, one.withdraw, one.let_in):
            one.take(way)
        hub.keep_up()
        last = come_back(hub, one)
        one.look()
        for way in (one.restore, one.withdraw, one.sweep):
            one.take(way)
        last.stop()


def test_a_hub_that_comes_back_as_it_was_has_files_of_deliveries_that_were_withdrawn_since(
    catalogue: Catalogue, few_rules: Path, tmp_path: Path
) -> None:
    with own_hub(tmp_path) as hub:
        one = history_of(hub, catalogue, few_rules, tmp_path / "scratch")
        one.take(one.send_in_another_order)
        hub.backup()
        one.take(one.send)
        hub.keep_up()
        then, moment = deepcopy(one.model), a_moment()
        for way in (one.withdraw, one.withdraw, one.send, one.sweep):
            one.take(way)
        hub.keep_up()
        one.model = then
        last = come_back(hub, one, moment)
        one.look()
        one.take(one.sweep)
        last.stop()


def test_a_load_while_the_base_backup_is_taken_has_its_files_in_the_backup(
    catalogue: Catalogue, few_rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine is lost as soon as the backup is made."""
    with own_hub(tmp_path) as hub:
        one = history_of(hub, catalogue, few_rules, tmp_path / "scratch")
        one.take(one.send)
        monkeypatch.setattr("hub.backup.make.keep_beside", and_then(wal.keep_beside, one.send))
        hub.backup()
        last = come_back(hub, one)
        one.look()
        last.stop()


def and_then[**A](first: Callable[A, object], second: Callable[[], object]) -> Callable[A, None]:
    """One after the other."""

    def both(*given: A.args, **named: A.kwargs) -> None:
        first(*given, **named)
        second()

    return both
