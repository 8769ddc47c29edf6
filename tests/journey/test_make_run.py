"""The whole hub as a newcomer meets it: run, look, lose a process, drop a file, stop. One test: a start takes long."""

import os
import re
import shutil
import signal
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest
import sqlalchemy as sa

from hub.contracts.model import read_catalogue
from hub.local.airflow_api import AirflowApi
from hub.local.pipeline import dags_of, read_standing
from hub.local.processes import is_alive, processes_of
from hub.local.run_folder import run_folder
from hub.local.summary import published_rows, received_by_feed
from hub.local.supervision import component_states
from hub.orchestration.airflow_environment import METADATA_DATABASE, ui_password, ui_passwords_file
from hub.orchestration.ui_users import UI_USERS
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse, role_address
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES
from local.hub_command import call_hub, call_hub_well, own_hub

DROPPED = "police_uk_street"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Settings]:
    settings = own_hub(tmp_path)
    yield settings
    call_hub(settings, "stop")


def _wait_for(is_so: Callable[[], bool], what: str, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.5)


def test_a_hub_is_run_used_hurt_and_stopped(hub: Settings) -> None:
    feeds = set(read_catalogue(hub.expectations).contracts)
    printed = call_hub_well(hub, "run")
    _everything_is_published_and_green(hub, feeds, printed)
    _the_ui_takes_the_printed_login_only(hub, printed)
    _no_secret_stands_in_the_process_list(hub)
    _no_secret_stands_in_a_log_or_a_rendered_field(hub)
    _what_is_printed_is_what_readers_see(hub, printed)
    _every_graph_is_drawn(hub)
    _each_load_is_labelled_with_its_file(hub, feeds)
    _a_release_needs_a_second_person(hub)

    started = time.monotonic()
    assert "The hub runs already." in call_hub_well(hub, "run")
    assert time.monotonic() - started < 20

    _kill_the_scheduler_and_drop_a_file(hub, feeds)

    left = processes_of(run_folder(hub))
    assert "Stopped" in call_hub_well(hub, "stop")
    _nothing_is_left(hub, left)


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


def _logged_in(hub: Settings) -> AirflowApi:
    airflow = AirflowApi("127.0.0.1", hub.ui_port)
    airflow.log_in("admin", ui_password(hub, "admin"))
    return airflow


def _the_ui_takes_the_printed_login_only(hub: Settings, printed: str) -> None:
    address = re.search(r"http://127\.0\.0\.1:\d+", printed)
    assert address is not None
    assert str(ui_passwords_file(hub)) in printed
    assert ui_password(hub, "admin") not in printed
    assert ui_passwords_file(hub).stat().st_mode & 0o077 == 0
    for password, status in ((ui_password(hub, "admin"), 201), ("wrong", 401)):
        login = {"username": "admin", "password": password}
        assert httpx.post(f"{address.group()}/auth/token", json=login).status_code == status
    _whoever_may_not_is_refused(hub, address.group())


def _whoever_may_not_is_refused(hub: Settings, address: str) -> None:
    """Without a login nothing is told, a made-up one is none, and a viewer triggers nothing; an operator may."""
    told = httpx.get(f"{address}/openapi.json").json() if httpx.get(f"{address}/openapi.json").is_success else {}
    paths = {path for path in told.get("paths", {}) if "{" not in path and path.startswith("/api/v2/")}
    paths |= {f"/api/v2/{name}" for name in ("dags", "assets", "variables", "connections", "eventLogs", "plugins")}
    open_to_all = {"/api/v2/monitor/health", "/api/v2/version", "/api/v2/auth/login", "/api/v2/auth/logout"}
    for path in sorted(paths - open_to_all):
        for headers in ({}, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."}):
            status = httpx.get(f"{address}{path}", headers=headers).status_code
            assert status in (401, 403, 405), f"{path} answers {status} to nobody"
    trigger = f"{address}/api/v2/dags/watch_deliveries/dagRuns"
    body: dict[str, object] = {"logical_date": None, "conf": {}}
    assert httpx.post(trigger, json=body).status_code == 401
    for user, allowed in (("viewer", False), ("operator", True)):
        login = {"username": user, "password": ui_password(hub, user)}
        token = httpx.post(f"{address}/auth/token", json=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{address}/api/v2/dags", headers=headers).status_code == 200
        status = httpx.post(trigger, json=body, headers=headers).status_code
        assert (status == 200) if allowed else (status == 403), f"{user}: {status}"


def _what_is_printed_is_what_readers_see(hub: Settings, printed: str) -> None:
    """Also after the forecasts, which publish once more."""
    rows = published_rows(open_warehouse(hub, Role.OWNER))
    for view, count in rows.items():
        assert re.search(rf"publish\.{view} +{count:,}\b", printed), view


def _client(hub: Settings, user: str) -> httpx.Client:
    client = httpx.Client(base_url=f"http://127.0.0.1:{hub.ui_port}", timeout=60)
    login = {"username": user, "password": ui_password(hub, user)}
    token = client.post("/auth/token", json=login).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def _every_graph_is_drawn(hub: Settings) -> None:
    client = _client(hub, "viewer")
    nodes = client.get("/ui/dependencies").raise_for_status().json()["nodes"]
    graphs = [f"/ui/dependencies?node_id={node['id']}" for node in nodes]
    dags = client.get("/api/v2/dags", params={"limit": 100}).json()["dags"]
    graphs += [f"/ui/structure/structure_data?dag_id={dag['dag_id']}&external_dependencies=true" for dag in dags]
    assets = client.get("/api/v2/assets", params={"limit": 1000}).json()["assets"]
    graphs += [f"/ui/dependencies?node_id=asset:{asset['id']}&dependency_type=data" for asset in assets]
    assert len(assets) > 50
    answers = {graph: client.get(graph).status_code for graph in graphs}
    assert {graph: status for graph, status in answers.items() if status != 200} == {}


def _each_load_is_labelled_with_its_file(hub: Settings, feeds: set[str]) -> None:
    with open_warehouse(hub, Role.OWNER).connect() as connection:
        loaded: set[str] = set(
            connection.execute(sa.text("select file_name from ledger.deliveries where status = 'loaded'")).scalars()
        )
    client, labels = _client(hub, "viewer"), set()
    for feed in feeds:
        found = client.get(f"/api/v2/dags/ingest_{feed}/dagRuns/~/taskInstances", params={"task_id": "ingest"}).json()
        labels |= {one["rendered_map_index"] for one in found["task_instances"] if one["map_index"] >= 0}
    assert labels >= loaded


def _no_log_complains_of_a_log_server(client: httpx.Client, run: str) -> None:
    """Neither of a task that waits for its person, nor of one that ended or was skipped."""
    for one in client.get(f"{run}/taskInstances").json()["task_instances"]:
        log = client.get(f"{run}/taskInstances/{one['task_id']}/logs/{max(one['try_number'], 1)}").text
        assert "served logs" not in log, one["task_id"]


def _a_release_needs_a_second_person(hub: Settings) -> None:
    """Whoever asks may not answer, by the API neither; and marking the question as done decides nothing."""
    engine = open_warehouse(hub, Role.OWNER)
    with engine.connect() as connection:
        query = sa.text("select quarantine_id from quarantine.rows where state = 'open' order by quarantine_id limit 2")
        ids: list[uuid.UUID] = list(connection.execute(query).scalars())
    first, second = map(str, ids)
    asker, other = _client(hub, "operator"), _client(hub, "admin")

    run = _ask_for_release(asker, first)
    answer = {"chosen_options": ["Reject"], "params_input": {}}
    question = f"{run}/taskInstances/decide/-1/hitlDetails"
    assert asker.patch(question, json=answer).status_code == 403
    _no_log_complains_of_a_log_server(asker, run)
    assert other.patch(question, json=answer).status_code == 200
    _wait_for(lambda: asker.get(run).json()["state"] == "success", "the release ends")
    _no_log_complains_of_a_log_server(asker, run)
    state = sa.text("select state, decided_by from quarantine.rows where quarantine_id = cast(:one as uuid)")
    with engine.connect() as connection:
        assert tuple(connection.execute(state, {"one": first}).one()) == ("rejected", "admin")
        asked = connection.execute(sa.text("select asked_by, answered_by from ledger.approvals")).one()
        assert tuple(asked) == ("operator", "admin")

    run = _ask_for_release(asker, second)
    forged = {"key": "return_value", "value": {"chosen_options": ["Release"], "responded_by_user": {"id": "admin"}}}
    asker.post(f"{run}/taskInstances/decide/xcomEntries", json=forged)
    asker.patch(f"{run}/taskInstances/decide", json={"new_state": "success"}).raise_for_status()
    _wait_for(lambda: asker.get(run).json()["state"] in ("success", "failed"), "the forged release ends")
    with engine.connect() as connection:
        assert connection.execute(state, {"one": second}).one().state == "open"


def _ask_for_release(client: httpx.Client, quarantine_id: str) -> str:
    """Start a run that asks; returns its address when it waits for the answer."""
    body = {"logical_date": None, "conf": {"quarantine_ids": [quarantine_id]}}
    started = client.post("/api/v2/dags/release_quarantine/dagRuns", json=body).raise_for_status().json()
    run = f"/api/v2/dags/release_quarantine/dagRuns/{started['dag_run_id']}"
    _wait_for(
        lambda: client.get(f"{run}/taskInstances/decide").json()["state"] == "awaiting_input", "the question is put"
    )
    return run


def _secrets_of(hub: Settings) -> list[bytes]:
    secrets = [path.read_bytes().strip() for path in hub.secrets.rglob("*") if path.is_file() and path.stat().st_size]
    secrets += [ui_password(hub, user).encode() for user in UI_USERS]
    assert len(secrets) > 60
    return secrets


def _no_secret_stands_in_a_log_or_a_rendered_field(hub: Settings) -> None:
    secrets = _secrets_of(hub)
    written = [path for path in hub.logs.rglob("*") if path.is_file()]
    assert len(written) > 20
    for path in written:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), f"a secret stands in {path}"
    address = role_address(hub, Role.AIRFLOW).set(database=METADATA_DATABASE, drivername="postgresql+psycopg")
    with sa.create_engine(address).connect() as connection:
        for table in ("rendered_task_instance_fields", "log", "dag_run", "xcom", "serialized_dag"):
            rows: list[str] = list(connection.execute(sa.text(f"select t::text from {table} t")).scalars())
            assert not any(secret.decode() in row for row in rows for secret in secrets), f"a secret stands in {table}"


def _no_secret_stands_in_the_process_list(hub: Settings) -> None:
    secrets = _secrets_of(hub)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            assert not any(secret in command for secret in secrets), f"a secret stands in {command[:80]!r}"


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

    _wait_for(is_loaded, "the dropped file is loaded")
    _wait_for(
        lambda: (
            (standing := read_standing(engine)).is_published(feeds) and standing.published_at != before.published_at
        ),
        "the dropped file is published",
        # Where a publish died with the scheduler, the next one waits until that is noticed.
        seconds=150,
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
