"""The settings under which Airflow runs."""

import dataclasses
import inspect
import json
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from airflow.configuration import run_command
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from conftest import share_roles
from hub.orchestration.airflow_environment import (
    COMPONENTS,
    _address_for,
    airflow_environment,
    hub_environment,
    metadata_address,
    open_metadata,
    ui_passwords_file,
)
from hub.orchestration.ui_users import UI_USERS
from hub.settings import Settings, read_settings
from hub.warehouse.engine import WarehouseProblem


def test_a_task_reads_the_same_settings_as_whoever_started_the_hub(settings: Settings, tmp_path: Path) -> None:
    odd = dataclasses.replace(
        settings,
        ui_port=18080,
        drop=tmp_path / "elsewhere",
        sandbox=tmp_path / "tried",
        open_data=tmp_path / "open",
        max_file_bytes=3 * 1024 * 1024,
        max_unpacked_bytes=5 * 1024 * 1024,
        audit_head_copy=tmp_path / "mounted" / "heads",
        metrics_port=19464,
    )
    assert read_settings(hub_environment(odd)) == dataclasses.replace(odd, warehouse_url=without_user(settings))
    plain = dataclasses.replace(settings, warehouse_url=None, open_data=None)
    assert read_settings(hub_environment(plain)) == plain


def without_user(settings: Settings) -> str:
    return str(make_url(settings.warehouse_url or "").set(username=None, password=None))


def told(environment: dict[str, str], option: str) -> str:
    """What Airflow takes for an option: it runs the command."""
    return run_command(environment[f"AIRFLOW__{option}_CMD"])


def test_no_secret_is_in_the_environment(settings: Settings) -> None:
    environment = airflow_environment(settings)
    secrets = [path.read_text().strip() for path in settings.secrets.rglob("*") if path.is_file()]
    password = make_url(settings.warehouse_url or "").password
    assert password is not None
    for name, value in environment.items():
        assert not any(secret in value for secret in [*secrets, password]), name


def test_the_servers_administrator_is_nobodys_but_who_prepares(settings: Settings) -> None:
    assert make_url(settings.warehouse_url or "").username is not None
    assert airflow_environment(settings)["HUB_WAREHOUSE_URL"] == without_user(settings)


def test_secrets_are_made_once_and_only_their_owner_reads_them(settings: Settings) -> None:
    first = airflow_environment(settings)
    assert airflow_environment(settings) == first
    files = [path for path in settings.secrets.rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(settings.secrets.stat().st_mode) == 0o700
    secrets = [told(first, option) for option in ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET")]
    assert len(set(secrets)) == 3
    assert min(map(len, secrets)) >= 40


def test_every_user_of_the_ui_has_a_password_of_its_own(settings: Settings) -> None:
    airflow_environment(settings)
    passwords = json.loads(ui_passwords_file(settings).read_text())
    assert passwords.keys() == UI_USERS.keys()
    assert len(set(passwords.values())) == len(passwords)
    assert min(map(len, passwords.values())) >= 12


def test_a_user_that_is_new_gets_a_password_and_the_others_keep_theirs(settings: Settings) -> None:
    path = ui_passwords_file(settings)
    path.write_text(json.dumps({"admin": "as before", "analyst": "gone"}))
    airflow_environment(settings)
    passwords = json.loads(path.read_text())
    assert passwords.keys() == UI_USERS.keys()
    assert passwords["admin"] == "as before"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_hubs_share_no_secret_but_the_roles_of_their_server(settings: Settings, tmp_path: Path) -> None:
    other = dataclasses.replace(settings, home=tmp_path / "other")
    share_roles(settings, other.home)
    secret = "API_AUTH__JWT_SECRET"
    assert told(airflow_environment(settings), secret) != told(airflow_environment(other), secret)


def test_nothing_listens_beyond_the_loopback_address(settings: Settings) -> None:
    environment = airflow_environment(settings)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK"] == "False"
    for name in ("scheduler", "triggerer"):
        assert "--skip-serve-logs" in COMPONENTS[name], "its log server listens on every interface"


def test_airflows_database_is_made_where_it_is_missing(settings: Settings, administration: sa.Engine) -> None:
    with administration.connect() as connection:
        connection.execute(sa.text("drop database if exists airflow with (force)"))
        url = make_url(told(airflow_environment(settings), "DATABASE__SQL_ALCHEMY_CONN"))
        assert url.database == "airflow"
        assert connection.scalar(sa.text("select count(*) from pg_database where datname = 'airflow'")) == 1


def test_what_a_killed_scheduler_has_locked_is_free_again_soon(settings: Settings) -> None:
    """Its workers keep its connection open, so the database would wait for it for ever."""
    airflow_environment(settings)
    engine = sa.create_engine(metadata_address(settings))
    with engine.connect() as connection:
        assert connection.scalar(sa.text("show idle_in_transaction_session_timeout")) == "30s"
    engine.dispose()


def test_airflow_talks_to_its_database_by_the_drivers_that_it_is_tested_with(settings: Settings) -> None:
    environment = airflow_environment(settings)
    names = ("SQL_ALCHEMY_CONN", "SQL_ALCHEMY_CONN_ASYNC")
    drivers = [make_url(told(environment, f"DATABASE__{name}")).drivername for name in names]
    assert drivers == ["postgresql+psycopg2", "postgresql+asyncpg"]


def test_a_database_that_cannot_be_made_is_named(settings: Settings, administration: sa.Engine) -> None:
    with administration.connect() as connection:
        connection.execute(sa.text("drop database if exists airflow with (force)"))
        connection.execute(sa.text("drop role if exists narrow"))
        connection.execute(sa.text("create role narrow login password 'narrow' nocreatedb"))
    try:
        url = make_url(settings.warehouse_url or "").set(username="narrow", password="narrow")
        narrow = dataclasses.replace(settings, warehouse_url=url.render_as_string(hide_password=False))
        with pytest.raises(WarehouseProblem, match=r"(?s)'airflow' .* permission denied .* owned by hub_airflow"):
            airflow_environment(narrow)
    finally:
        with administration.connect() as connection:
            connection.execute(sa.text("drop role narrow"))


def test_making_the_environment_does_not_import_airflow() -> None:
    code = "import sys, hub.orchestration.airflow_environment; print('airflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(("command", "loads"), [("scheduler", True), ("api-server", False)])
def test_heavy_libraries_are_loaded_once_where_tasks_are_forked_from_and_nowhere_else(
    settings: Settings, tmp_path: Path, command: str, loads: bool
) -> None:
    folder = airflow_environment(settings)["PYTHONPATH"]
    # A file, as Airflow's: where Spark is installed, its package ends a process that runs code of the command line.
    program = tmp_path / "airflow"
    program.write_text(
        "import sys, airflow_local_settings; print({'great_expectations', 'dbt.cli.main'} <= set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, program, command], env={"PYTHONPATH": folder}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == str(loads)


def test_an_address_that_asks_for_tls_can_be_used_by_both_drivers_of_airflow() -> None:
    address = make_url("postgresql://hub_airflow:x@db.example:5432/airflow?sslmode=require")
    asynchronous = create_async_engine(_address_for(address, "postgresql+asyncpg"))
    _, given = asynchronous.dialect.create_connect_args(asynchronous.url)
    assert given.keys() - inspect.signature(asyncpg.connect).parameters.keys() == set()


def test_times_that_airflow_noted_are_read_in_utc_whatever_the_zone_of_the_server(
    settings: Settings, administration: sa.Engine
) -> None:
    name = str(make_url(str(settings.warehouse_url)).database)
    with administration.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"alter database \"{name}\" set timezone = 'America/New_York'"))
    settings.made_from_secrets.mkdir(parents=True, exist_ok=True)
    address = administration.url.set(drivername="postgresql+psycopg2", database=name)
    (settings.made_from_secrets / "airflow-database.url").write_text(address.render_as_string(hide_password=False))
    airflow = open_metadata(settings)
    assert airflow is not None
    with airflow.connect() as connection:
        assert connection.execute(sa.text("show timezone")).scalar_one() == "UTC"
