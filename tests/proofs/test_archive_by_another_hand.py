"""Random histories of a register's statements: what is archived, read back, counted and removed is what plain Python
works out of what came, whatever was corrected, withdrawn, let in or killed.

``HUB_ARCHIVE_SEED`` chooses the first history, ``HUB_ARCHIVE_HISTORIES`` how many the long form makes.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue
from hub.settings import Settings
from proofs.archive_world.archived_hub import ArchivedHub
from proofs.archive_world.history import History
from proofs.archive_world.shelf import Shelf
from store.s3 import Server

SEED = int(os.environ.get("HUB_ARCHIVE_SEED", "20261003"))
HISTORIES = int(os.environ.get("HUB_ARCHIVE_HISTORIES", "30"))
STEPS = 25


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = Server.started()
    yield server
    server.stop()


def make_hub(settings: Settings, catalogue: Catalogue, scratch: Path, server: Server | None = None) -> ArchivedHub:
    """A hub with its files in its home, or in a bucket of a server."""
    scratch.mkdir()
    bucket = server.bucket() if server is not None else None
    used = settings if bucket is None else bucket.used_by(settings)
    return ArchivedHub(used, catalogue, Shelf(used, bucket), scratch)


def run(history: History, steps: int, builds: int) -> Counter[str]:
    """So many steps with so many builds among them, a sweep at the end and a build from nothing."""
    for number in range(1, steps + 1):
        history.step()
        if number % (steps // builds) == 0:
            history.build()
    history.sweep()
    history.look()
    history.build(anew=True)
    return history.done


@pytest.fixture
def no_data_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds run models alone."""
    monkeypatch.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "test")


@pytest.mark.usefixtures("no_data_tests")
def test_a_short_history_is_archived_counted_and_read_back_as_it_came(
    settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    done = run(History(make_hub(settings, catalogue, tmp_path / "scratch"), SEED), 16, 1)
    assert done["loads killed"]


@pytest.mark.long
@pytest.mark.usefixtures("no_data_tests")
def test_many_histories_are_archived_counted_and_read_back_as_they_came(
    make_settings: Callable[[], Settings],
    catalogue: Catalogue,
    tmp_path: Path,
    server: Server,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done: Counter[str] = Counter()
    for number in range(HISTORIES):
        of = server if number % 3 == 2 else None
        hub = make_hub(make_settings(), catalogue, tmp_path / f"scratch-{number}", of)
        made = run(History(hub, SEED + number), STEPS, 3)
        done += made
        with capsys.disabled():
            print(f"\n{SEED + number}{' in a bucket' if of else ''}: {dict(made)}", flush=True)
    with capsys.disabled():
        print(f"\n{HISTORIES} histories: {dict(done)}")
