"""How dbt is told where the warehouse is."""

import stat
from pathlib import Path

import psycopg
import pytest

from hub.build import dbt_environment
from hub.settings import Settings
from hub.warehouse.engine import role_address
from hub.warehouse.roles import Role


def test_the_password_is_in_a_file_and_in_no_variable(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = dbt_environment(settings)
    password = str(role_address(settings, Role.TRANSFORMER).password)
    assert not any(password in value for value in environment.values())
    assert stat.S_IMODE(Path(environment["PGPASSFILE"]).stat().st_mode) == 0o600
    monkeypatch.setenv("PGPASSFILE", environment["PGPASSFILE"])
    connection = psycopg.connect(
        host=environment["HUB_DBT_HOST"],
        port=environment["HUB_DBT_PORT"],
        user=environment["HUB_DBT_USER"],
        dbname=environment["HUB_DBT_DATABASE"],
        password="",  # as dbt's profile gives it
    )
    assert connection.info.user == Role.TRANSFORMER
    connection.close()


def test_what_the_file_uses_as_marks_can_be_in_a_password(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    address = role_address(settings, Role.TRANSFORMER).set(password="a:b\\c")
    monkeypatch.setattr("hub.build.runs.role_address", lambda *_: address)
    told = Path(dbt_environment(settings)["PGPASSFILE"]).read_text()
    assert told.endswith(":hub_transformer:a\\:b\\\\c")


def test_how_the_server_is_to_prove_itself_is_told_to_dbt(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/hub-ca.pem"}
    address = role_address(settings, Role.TRANSFORMER).update_query_dict(asked)
    monkeypatch.setattr("hub.build.runs.role_address", lambda *_: address)
    told = dbt_environment(settings).values()
    assert {value for value in asked.values() if value not in told} == set()
