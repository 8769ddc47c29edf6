"""The whole hub as a newcomer meets it: run, look, lose a process, drop a file, stop. One test: a start takes long."""

import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from hub.contracts import read_catalogue
from hub.doors.roles import Role
from hub.doors.warehouse import open_warehouse, role_address
from hub.doors.warehouse_tables import DELIVERIES
from hub.orchestration.airflow_environment import METADATA_DATABASE, UI_USERS, ui_password, ui_passwords_file
from hub.running.airflow_api import AirflowApi
from hub.running.pipeline import dags_of, read_standing
from hub.running.processes import Process, is_alive, processes_of
from hub.running.run_folder import run_folder
from hub.running.summary import received_by_feed
from hub.running.supervision import component_states
from hub.settings import Settings
from running.hub_command import call_hub, call_hub_well, own_hub

DROPPED = "police_uk_street"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Settings]:
    settings = own_hub(tmp_path)
    yield settings
    call_hub(settings, "stop")


def _wait_for(is_so: Callable[[], bool], what: str, seconds: float = 90) -> None:
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


def _nothing_is_left(hub: Settings, left: list[Process]) -> None:
    assert len(left) >= 6
    assert [process for process in left if is_alive(process)] == []
    assert processes_of(run_folder(hub)) == []
    for port in (hub.ui_port, hub.pg_port):
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=2):
            pytest.fail(f"something still listens on {port}")
