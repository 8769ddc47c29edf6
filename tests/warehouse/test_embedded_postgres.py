import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import free_port
from hub.settings import read_settings
from hub.warehouse.embedded_postgres import (
    EmbeddedPostgres,
    PostgresProblem,
    embedded_postgres,
    ensure_running,
    postmaster,
    postmaster_pid,
    stop,
)
from hub.warehouse.postgres_configuration import archiving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    made = embedded_postgres(read_settings({"HUB_HOME": str(tmp_path / "home"), "HUB_PG_PORT": str(free_port())}))
    yield made
    stop(made)


def ask(server: EmbeddedPostgres, statement: str) -> object:
    engine = sa.create_engine(make_url(server.url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement))
        return result.scalar() if result.returns_rows else None


def test_three_callers_at_once_start_one_server(server: EmbeddedPostgres) -> None:
    with ThreadPoolExecutor(3) as callers:
        list(callers.map(lambda _: ensure_running(server), range(3)))
    pid = postmaster_pid(server)
    assert pid is not None
    ensure_running(server)
    assert postmaster_pid(server) == pid


def test_a_killed_server_comes_back_with_its_rows_and_stops_on_whatever_port_it_runs(server: EmbeddedPostgres) -> None:
    ensure_running(server)
    ask(server, "create table kept as select 42 as answer")
    killed = postmaster(server)
    assert killed is not None
    killed.send_signal(signal.SIGKILL)
    psutil.wait_procs([killed], timeout=60)
    assert postmaster_pid(server) is None
    ensure_running(server)
    assert postmaster_pid(server) not in (None, killed.pid)
    assert ask(server, "select answer from kept") == 42

    stop(replace(server, port=free_port()))
    assert postmaster_pid(server) is None


def test_no_postgres_process_has_the_password_in_its_environment(server: EmbeddedPostgres) -> None:
    ensure_running(server)
    postgres = postmaster(server)
    assert postgres is not None
    environments = []
    for process in [postgres, *postgres.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # a session that has ended meanwhile
            environments.append(str(process.environ()))
    assert len(environments) > 1
    assert not any(server.password_file.read_text().strip() in one for one in environments)


def test_the_password_file_is_the_owners_alone_and_the_server_asks_for_it(server: EmbeddedPostgres) -> None:
    ensure_running(server)
    assert server.password_file.stat().st_mode & 0o077 == 0
    wrong = make_url(server.url).set(drivername="postgresql+psycopg", password="wrong")
    engine = sa.create_engine(wrong, poolclass=sa.NullPool)
    with pytest.raises(sa.exc.OperationalError, match="password authentication failed"):
        engine.connect()


def test_a_port_that_is_taken_is_named_with_what_to_do(server: EmbeddedPostgres) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", server.port))
        other.listen()
        with pytest.raises(PostgresProblem, match=f"port {server.port} is taken .* HUB_PG_PORT"):
            ensure_running(server)
    ensure_running(server)


def test_a_segment_of_the_log_is_kept_by_the_store_in_which_files_land(tmp_path: Path) -> None:
    """What has landed is copied before the segment that tells of it: from the bucket where it lies."""
    hub = {"HUB_HOME": str(tmp_path / "hub"), "HUB_BACKUP": str(tmp_path / "backup")}
    store = {"HUB_STORE_URL": "s3://bucket/hub", "HUB_STORE_OPTIONS_FILE": str(tmp_path / "options")}
    said = archiving(read_settings(hub | store))
    assert all(f"{name}={value}" in said for name, value in store.items())
    assert "HUB_STORE_URL" not in archiving(read_settings(hub))
