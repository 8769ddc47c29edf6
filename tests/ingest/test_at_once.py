"""The same file given to several commands or workers at the same moment."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import free_port
from contracts.samples import packed_sample
from hub.contracts.model import Catalogue
from hub.ingest import ledger
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import assert_nothing_is_lost, counts, ledger_rows, raw_rows
from ingest.small_feeds import column, feed

HUB = str(Path(sys.executable).parent / "hub")
FEED = "true_vision_reports"
COUNT = 4
PLACES = feed(column("place", required=True), column("note"), name="places")


def ingest_at_once(hub: Settings, path: Path) -> list[dict[str, Any]]:
    """What the commands answer."""
    environment = {"PATH": os.environ["PATH"], "HUB_HOME": str(hub.home), "HUB_PG_PORT": str(hub.pg_port)}
    if hub.warehouse_url:
        environment["HUB_WAREHOUSE_URL"] = hub.warehouse_url
    command = [HUB, "ingest", FEED, str(path)]
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(COUNT)
    ]
    answers = []
    for process in started:
        answer, errors = process.communicate(timeout=300)
        assert (process.returncode, errors) == (0, "")
        answers.append(json.loads(answer))
    return answers


def is_loaded_once(answers: list[dict[str, Any]], engine: sa.Engine, catalogue: Catalogue) -> None:
    assert Counter(one["status"] for one in answers) == {"loaded": 1, "duplicate": COUNT - 1}
    assert len({one["delivery_id"] for one in answers}) == 1
    (loaded,) = [one for one in answers if one["status"] == "loaded"]
    assert all(one["rows_duplicate"] == one["rows_read"] == loaded["rows_read"] for one in answers if one != loaded)
    (row,) = ledger_rows(engine)
    assert (row.status, row.rows_read, row.unfinished_reads) == ("loaded", loaded["rows_read"], 0)
    assert_nothing_is_lost(engine, catalogue.contracts[FEED])


def test_one_of_four_commands_loads_a_file_and_three_find_it_there(
    catalogue: Catalogue, settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    path = packed_sample(catalogue.contracts[FEED], "good", tmp_path)
    is_loaded_once(ingest_at_once(settings, path), engine, catalogue)


@pytest.mark.long
def test_so_do_the_first_four_commands_of_a_hub(catalogue: Catalogue, tmp_path: Path) -> None:
    hub = read_settings({"HUB_HOME": str(tmp_path / "home"), "HUB_PG_PORT": str(free_port())})
    path = packed_sample(catalogue.contracts[FEED], "good", tmp_path)
    try:
        is_loaded_once(ingest_at_once(hub, path), open_warehouse(hub, Role.OWNER), catalogue)
    finally:
        embedded_postgres.stop(embedded_postgres.embedded_postgres(hub))


def test_workers_that_wait_for_each_other_are_not_taken_for_dead(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_warehouse(engine, [PLACES])
    path = settings.home / "a.csv"
    path.write_text("place,note\nBow,x\nHam,y\n")
    (receipt,) = collect_files(settings, engine, PLACES, [path])
    lock = ledger.lock

    def lock_late(connection: sa.Connection, delivery_id: uuid.UUID) -> sa.Row[Any]:
        time.sleep(0.3)  # the others come to this place, too, if nothing holds them
        return lock(connection, delivery_id)

    monkeypatch.setattr(ledger, "lock", lock_late)
    with ThreadPoolExecutor(COUNT) as pool:
        given = pool.map(lambda _: ingest_delivery(settings, engine, PLACES, receipt.delivery_id), range(COUNT))
        results = list(given)
    assert [counts(one) for one in results] == [(2, 2, 0, 0)] * COUNT
    assert Counter(one.is_new for one in results) == {True: 1, False: COUNT - 1}
    assert len(raw_rows(engine, PLACES)) == 2
