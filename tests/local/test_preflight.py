"""What stands in the way of a start is told with what to do about it, and with an exit code of its own."""

import socket
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from conftest import free_port
from hub.local.outcome import Outcome, RunProblem
from hub.local.preflight import LEAST_FREE_BYTES, check_machine, check_redis, check_space
from hub.settings import Settings, SettingsError, read_settings


def _settings(home: Path, ui_port: int, pg_port: int, **more: str) -> Settings:
    return read_settings({"HUB_HOME": str(home), "HUB_PORT": str(ui_port), "HUB_PG_PORT": str(pg_port), **more})


def test_a_free_machine_passes_and_gets_its_folders(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "hub", free_port(), free_port())
    check_machine(settings)
    assert settings.home.is_dir()
    assert settings.drop.is_dir()


PORTS = ("HUB_PORT", "HUB_PG_PORT", "HUB_METRICS_PORT", "HUB_EXCHANGE_PORT")


@pytest.mark.parametrize("variable", PORTS)
def test_a_taken_port_is_named_with_the_variable_that_moves_it(variable: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = {name: str(free_port()) for name in PORTS}
        settings = read_settings({"HUB_HOME": str(tmp_path), **ports, variable: str(taken)})
        with pytest.raises(RunProblem, match=rf"port {taken}.*another program has it.*set {variable}") as problem:
            check_machine(settings)
    assert problem.value.outcome is Outcome.PORT_TAKEN


def test_the_embedded_port_does_not_matter_to_a_warehouse_elsewhere(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        elsewhere = {"HUB_WAREHOUSE_URL": "postgresql://db.example/hub"}
        check_machine(_settings(tmp_path, free_port(), other.getsockname()[1], **elsewhere))


def test_a_full_disk_is_told_in_mebibytes(tmp_path: Path) -> None:
    check_space(tmp_path, LEAST_FREE_BYTES)
    with pytest.raises(RunProblem, match=r"2047 MiB are free under .* needs 2048") as problem:
        check_space(tmp_path, LEAST_FREE_BYTES - 1)
    assert problem.value.outcome is Outcome.DISK_FULL


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(SettingsError, match=r"HUB_HOME cannot be .* is not a folder"):
        _settings(tmp_path / "a file" / "hub", free_port(), free_port())


def test_a_copy_of_the_audit_head_inside_of_the_home_is_no_copy(tmp_path: Path) -> None:
    inside = {"HUB_AUDIT_HEAD_COPY": str(tmp_path / "hub" / "audit" / "heads")}
    with pytest.raises(SettingsError, match=r"HUB_AUDIT_HEAD_COPY cannot be .* a place outside of"):
        _settings(tmp_path / "hub", 18080, 15432, **inside)


def test_a_store_that_does_not_answer_is_told(tmp_path: Path) -> None:
    options = tmp_path / "store.yaml"
    login = "access_key_id: key\nsecret_access_key: secret\nallow_http: true\n"
    options.write_text(f"endpoint: http://127.0.0.1:{free_port()}\n{login}")
    store = {"HUB_STORE_URL": "s3://hub/prefix", "HUB_STORE_OPTIONS_FILE": str(options)}
    with pytest.raises(RunProblem, match="the store at HUB_STORE_URL does not answer") as refused:
        check_machine(_settings(tmp_path / "hub", free_port(), free_port(), **store))
    assert refused.value.outcome is Outcome.NO_STORE


def test_celery_without_redis_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunProblem, match="apt-get install redis-server") as problem:
        check_redis()
    assert problem.value.outcome is Outcome.NO_REDIS


def test_the_administrators_password_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a/b@c\n")
    given = {"HUB_HOME": str(tmp_path), "HUB_WAREHOUSE_PASSWORD_FILE": str(tmp_path / "password")}
    settings = read_settings(given | {"HUB_WAREHOUSE_URL": "postgresql://admin@db.example:5433/hub"})
    url = make_url(settings.warehouse_url or "")
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "admin",
        "a/b@c",
        "db.example",
        5433,
        "hub",
    )
    for address in ("postgresql://db.example/hub", "postgresql://admin:given@db.example/hub", ""):
        with pytest.raises(SettingsError, match="names a user and no password"):
            read_settings(given | {"HUB_WAREHOUSE_URL": address})
    missing = {"HUB_WAREHOUSE_URL": "postgresql://admin@db.example/hub", "HUB_WAREHOUSE_PASSWORD_FILE": "/no/such"}
    with pytest.raises(SettingsError, match="/no/such cannot be read"):
        read_settings(given | missing)
