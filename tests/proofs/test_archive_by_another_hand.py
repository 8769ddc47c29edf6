"""Random histories of a register's statements: what is archived, read back, counted and removed is what plain Python
works out of what came, whatever was corrected, withdrawn, let in or killed.

``HUB_ARCHIVE_SEED`` chooses the first history, ``HUB_ARCHIVE_HISTORIES`` how many the long form makes.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.contracts.model import read_catalogue
from hub.ingest import chunks
from hub.ingest.archive import objects
from hub.settings import Settings
from proofs.archive_world.archived_hub import ArchivedHub
from proofs.archive_world.history import History
from proofs.archive_world.projects import project_of_few_rules
from proofs.archive_world.shelf import Shelf
from store.s3 import Server, own_server

SEED = int(os.environ.get("HUB_ARCHIVE_SEED", "20261008"))
HISTORIES = int(os.environ.get("HUB_ARCHIVE_HISTORIES", "30"))
STEPS = 25


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with own_server() as server:
        yield server


def make_hub(
    settings: Settings, scratch: Path, server: Server | None = None, project: Path | None = None
) -> ArchivedHub:
    """A hub with its files in its home, or in a bucket of a server, and its contracts from the project."""
    scratch.mkdir()
    bucket = server.bucket() if server is not None else None
    used = settings if bucket is None else bucket.used_by(settings)
    of_project = used if project is None else replace(used, project=project)
    catalogue = read_catalogue(of_project.expectations)
    return ArchivedHub(of_project, catalogue, Shelf(used, bucket), scratch, used)


@pytest.fixture(scope="module")
def few_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose contract has few rules."""
    return project_of_few_rules(tmp_path_factory.mktemp("project"))


def run(history: History, steps: int, builds: int) -> Counter[str]:
    """So many steps with so many builds among them, a sweep at the end and a build from nothing."""
    for number in range(1, steps + 1):
        history.step()
        if number % (steps // builds) == 0:
            history.build()
    history.sweep()
    history.look()
    history.build(full_refresh=True)
    return history.done


@pytest.fixture
def models_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds run models alone."""
    monkeypatch.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "test seed")


@pytest.mark.usefixtures("models_alone")
def test_a_short_history_is_archived_counted_and_read_back_as_it_came(
    settings: Settings, few_rules: Path, tmp_path: Path
) -> None:
    one = History(make_hub(settings, tmp_path / "scratch", project=few_rules), SEED)
    ways = [one.send, one.send_and_kill_and_send_a_part, one.send_in_another_order, one.sweep_while_it_loads]
    ways += [one.withdraw, one.let_in, one.send_again, one.restore, one.withdraw_beside_another, one.sweep]
    for way in ways:
        one.take(way)
    one.build()
    assert one.done["loads killed"]
    assert one.done["counted otherwise for a repeat"]


def in_pieces(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Loads by this process read some rows at a time, and put files of a few."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1)
    monkeypatch.setattr(objects, "MOST_WAITING_BYTES", 4_000)
    return replace(settings, chunk_bytes=12_000)


@pytest.mark.long
@pytest.mark.usefixtures("models_alone")
@pytest.mark.parametrize("number", range(HISTORIES))
def test_a_long_history_is_archived_counted_and_read_back_as_it_came(
    settings: Settings,
    few_rules: Path,
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
) -> None:
    """Every third in a bucket, every fourth in pieces, every fifth with all rules of the contract."""
    used = in_pieces(settings, monkeypatch) if number % 4 == 1 else settings
    of, project = (server if number % 3 == 2 else None), (few_rules if number % 5 else None)
    began = time.monotonic()
    done = run(History(make_hub(used, tmp_path / "scratch", of, project), SEED + number), STEPS, 3)
    with capsys.disabled():
        where = f"{'in a bucket' if of else 'in a folder'}{', in pieces' if used is not settings else ''}"
        print(f"\n{SEED + number} {where}, {time.monotonic() - began:.0f} s: {dict(done)}", flush=True)
