"""The whole hub as a newcomer meets it: run, look, lose a process, drop a file, stop. One test: a start takes long."""

import os
import re
import shlex
import shutil
import signal
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from hub.contracts.model import read_catalogue
from hub.local.airflow_api import AirflowApi
from hub.local.pipeline import dags_of, read_standing
from hub.local.processes import is_alive, processes_of
from hub.local.run_folder import run_folder
from hub.local.sample_deliveries import SEED, TRUTH, sample_folder
from hub.local.summary import published_rows, received_by_feed
from hub.local.supervision import component_states
from hub.orchestration.airflow_environment import ui_password
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES
from journey.two_people import (
    a_release_needs_a_second_person,
    an_erasure_needs_a_second_person_and_keeps_no_name,
)
from journey.ui_doors import (
    client_of,
    no_secret_is_in_a_log_or_a_rendered_field,
    no_secret_is_told_by_a_process,
    the_ui_takes_the_printed_login_only,
)
from journey.without_samples import samples_are_removed_once_nothing_else_is_there
from local.hub_command import call_hub, call_hub_well, own_hub

DROPPED = "police_uk_street"
MONTHS_OF_HISTORY = 19


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Settings]:
    settings = own_hub(tmp_path)
    yield settings
    call_hub(settings, "stop")


def _wait_for(
    is_so: Callable[[], bool], what: str, *, seconds: float = 300, meanwhile: Callable[[], None] = lambda: None
) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        meanwhile()
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.5)


def _let_one_file_of_each_feed_wait(hub: Settings) -> None:
    """As if a start had made its samples and been killed: the next one drops what waits. A start that makes all samples
    by itself is in the long tests; each file is a task of Airflow's, and they are most of what a start takes."""
    folder = sample_folder(hub)
    simulate(Plan(reports=120, days=3, seed=SEED, end=datetime.now(UTC).date() - timedelta(days=1)), folder)
    shutil.rmtree(folder / TRUTH)
    for feed in folder.iterdir():
        for more in sorted(feed.iterdir())[1:]:
            more.unlink()


def test_a_hub_is_run_used_hurt_and_stopped(hub: Settings) -> None:
    feeds = set(read_catalogue(hub.expectations).contracts)
    _let_one_file_of_each_feed_wait(hub)
    printed = call_hub_well(hub, "run")
    _everything_is_published_and_green(hub, feeds, printed)
    the_ui_takes_the_printed_login_only(hub, printed)
    no_secret_is_told_by_a_process(hub)
    no_secret_is_in_a_log_or_a_rendered_field(hub)
    _what_is_printed_is_what_readers_see(hub, printed)
    _graphs_are_drawn(hub, each=6)
    _each_load_is_labelled_with_its_file(hub, feeds)
    _what_an_operator_pauses_is_named(hub)

    started = time.monotonic()
    assert "The hub runs already." in call_hub_well(hub, "run")
    assert time.monotonic() - started < 20

    _kill_the_scheduler_and_drop_a_file(hub, feeds)
    _nothing_is_open_to_others(hub)

    left = processes_of(run_folder(hub))
    assert "Stopped" in call_hub_well(hub, "stop")
    _nothing_is_left(hub, left)


@pytest.mark.long
def test_two_people_decide_in_a_hub_that_runs_and_its_samples_can_be_removed(hub: Settings) -> None:
    printed = call_hub_well(hub, "run")
    _everything_is_published_and_green(hub, set(read_catalogue(hub.expectations).contracts), printed)
    _graphs_are_drawn(hub)
    a_release_needs_a_second_person(hub, _wait_for)
    an_erasure_needs_a_second_person_and_keeps_no_name(hub, _wait_for)
    call_hub_well(hub, "stop")
    samples_are_removed_once_nothing_else_is_there(hub)


@pytest.mark.long
def test_a_new_hub_can_begin_with_a_year_and_a_half_of_simulated_deliveries(hub: Settings) -> None:
    feeds = set(read_catalogue(hub.expectations).contracts)
    printed = call_hub_well(hub, "run", "--samples", "history")
    _everything_is_published_and_green(hub, feeds, printed)
    engine = open_warehouse(hub, Role.ANALYST)
    with engine.connect() as connection:
        # Dispatches are made of a publish, and seen in the next build.
        empty = sorted(view for view, rows in published_rows(engine).items() if not rows and view != "dispatches_v1")
        # No known issue is written down.
        assert empty == ["known_issues_v1"]
        told = sa.text("select count(outcome) > 0, bool_or(not is_current) from publish.hotspot_tasking_v1")
        assert connection.execute(told).one() == (True, True)
        waiting = sa.text("select count(*) from publish.hotspot_proposals_v1 where is_current and decision = 'open'")
        assert (connection.scalar(waiting) or 0) > 0
        simulated = sa.text("select sum(count_rows_accepted) = sum(count_rows_simulated) from publish.freshness_v1")
        assert connection.scalar(simulated)
        months = sa.text("select count(distinct month) from publish.measures_v1 where dimension = 'all'")
        assert (connection.scalar(months) or 0) >= MONTHS_OF_HISTORY
    next_steps = re.findall(r"^  .+: (\S+/hub .+)$", printed, re.MULTILINE)
    assert len(next_steps) == 5
    for command in next_steps:
        done = call_hub(hub, *shlex.split(command)[1:])
        assert done.returncode in (0, 1 if " status" in command else 0), (command, done.stdout + done.stderr)


def _everything_is_published_and_green(hub: Settings, feeds: set[str], printed: str) -> None:
    engine = open_warehouse(hub, Role.OWNER)
    assert read_standing(engine).is_published(feeds)
    received = {row.feed: row for row in received_by_feed(engine)}
    assert received.keys() == feeds
    for row in received.values():
        assert row.rows_read == row.rows_accepted + row.rows_quarantined + row.rows_duplicate
        assert row.rows_accepted > 0
        assert row.feed in printed
    assert sum(row.rows_quarantined for row in received.values()) > 0
    airflow = _logged_in(hub)
    assert not any(airflow.paused_by_dag().values())
    runs = airflow.runs_since(datetime(2000, 1, 1, tzinfo=UTC))
    assert {run.state for run in runs if run.has_ended} == {"success"}
    assert {run.dag_id for run in runs} >= set(dags_of(feeds))
    assert airflow.import_errors() == {}


def _nothing_is_open_to_others(hub: Settings) -> None:
    """What the test drops is its own; a link has no rights of its own, and sockets are behind a folder."""
    opened = []
    for path in (hub.home, *hub.home.rglob("*")):
        with suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            is_kept = (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and not path.is_relative_to(hub.drop)
            if is_kept and stat.S_IMODE(mode) & 0o077:
                opened.append(str(path.relative_to(hub.home)))
    assert opened == []


def _logged_in(hub: Settings) -> AirflowApi:
    airflow = AirflowApi("127.0.0.1", hub.ui_port)
    airflow.log_in("admin", ui_password(hub, "admin"))
    return airflow


def _what_is_printed_is_what_readers_see(hub: Settings, printed: str) -> None:
    """Also after the forecasts, which publish once more."""
    rows = published_rows(open_warehouse(hub, Role.OWNER))
    for view, count in rows.items():
        assert re.search(rf"publish\.{view} +{count:,}\b", printed), view


def _graphs_are_drawn(hub: Settings, *, each: int = 1) -> None:
    """Of every DAG, and of every node and asset, or of one in ``each``."""
    client = client_of(hub, "viewer")
    nodes = client.get("/ui/dependencies").raise_for_status().json()["nodes"][::each]
    graphs = [f"/ui/dependencies?node_id={node['id']}" for node in nodes]
    dags = client.get("/api/v2/dags", params={"limit": 100}).json()["dags"]
    graphs += [f"/ui/structure/structure_data?dag_id={dag['dag_id']}&external_dependencies=true" for dag in dags]
    assets = client.get("/api/v2/assets", params={"limit": 1000}).json()["assets"]
    graphs += [f"/ui/dependencies?node_id=asset:{asset['id']}&dependency_type=data" for asset in assets[::each]]
    assert len(assets) > 50
    answers = {graph: client.get(graph).status_code for graph in graphs}
    assert {graph: status for graph, status in answers.items() if status != 200} == {}


def _each_load_is_labelled_with_its_file(hub: Settings, feeds: set[str]) -> None:
    with open_warehouse(hub, Role.OWNER).connect() as connection:
        loaded: set[str] = set(
            connection.execute(sa.text("select file_name from ledger.deliveries where status = 'loaded'")).scalars()
        )
    client, labels = client_of(hub, "viewer"), set()
    for feed in feeds:
        found = client.get(f"/api/v2/dags/ingest_{feed}/dagRuns/~/taskInstances", params={"task_id": "ingest"}).json()
        labels |= {one["rendered_map_index"] for one in found["task_instances"] if one["map_index"] >= 0}
    assert {label.split(": loaded")[0] for label in labels} >= loaded


def _what_an_operator_pauses_is_named(hub: Settings) -> None:
    dag = "/api/v2/dags/watch_safeguards"
    for is_paused in (True, False):
        change = {"is_paused": is_paused}
        client_of(hub, "operator").patch(dag, params={"update_mask": "is_paused"}, json=change).raise_for_status()
        assert ("paused: watch_safeguards" in call_hub(hub, "status").stdout) is is_paused


def _kill_the_scheduler_and_drop_a_file(hub: Settings, feeds: set[str]) -> None:
    engine = open_warehouse(hub, Role.OWNER)
    folder = run_folder(hub)
    before = read_standing(engine)
    killed = next(state.pid for state in component_states(folder) if state.name == "scheduler")
    os.kill(killed, signal.SIGKILL)
    sample = hub.expectations / DROPPED / "samples" / "good.csv"
    unfinished = hub.drop / DROPPED / ".unfinished"
    shutil.copyfile(sample, unfinished)
    unfinished.rename(hub.drop / DROPPED / "2026-01-city-of-london-street.csv")

    def is_loaded() -> bool:
        query = sa.select(sa.func.count()).where(DELIVERIES.c.feed == DROPPED, DELIVERIES.c.status == "loaded")
        with engine.connect() as connection:
            return read_standing(engine).received > before.received and bool(connection.scalar(query))

    # While tasks load, build and publish, and what they start does its work.
    def meanwhile() -> None:
        no_secret_is_told_by_a_process(hub)

    _wait_for(is_loaded, "the dropped file is loaded", meanwhile=meanwhile)
    _wait_for(
        lambda: (
            (standing := read_standing(engine)).is_published(feeds) and standing.published_at != before.published_at
        ),
        "the dropped file is published",
        # Where a publish died with the scheduler, the next one waits until that is noticed.
        meanwhile=meanwhile,
    )
    scheduler = next(state for state in component_states(folder) if state.name == "scheduler")
    assert scheduler.is_up
    assert scheduler.pid != killed


def _nothing_is_left(hub: Settings, left: list[psutil.Process]) -> None:
    assert len(left) >= 6
    assert [process for process in left if is_alive(process)] == []
    assert processes_of(run_folder(hub)) == []
    for port in (hub.ui_port, hub.pg_port):
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=2):
            pytest.fail(f"something still listens on {port}")
