"""``hub url``, ``hub psql``, ``hub build``, ``hub dbt`` and ``hub publish`` as a person types them."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from contracts.samples import FEEDS
from hub.cli.main import app
from hub.settings import Settings

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, warehouse: Settings) -> None:
    assert warehouse.warehouse_url
    monkeypatch.setenv("HUB_HOME", str(warehouse.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", warehouse.warehouse_url)


def test_url_is_the_address_of_the_warehouse(warehouse: Settings) -> None:
    assert warehouse.warehouse_url
    server = make_url(warehouse.warehouse_url)
    for arguments, role in [(["url"], "hub_analyst"), (["url", "hub_owner"], "hub_owner")]:
        address = make_url(RUNNER.invoke(app, arguments).output.strip())
        assert (address.host, address.port, address.database) == (server.host, server.port, server.database)
        assert address.username == role
        with sa.create_engine(address.set(drivername="postgresql+psycopg")).connect() as connection:
            assert connection.scalar(sa.text("select current_user")) == role


@pytest.mark.parametrize("arguments", [["url", "nobody"], ["psql", "--role", "nobody", "--", "-c", "select 1"]])
def test_a_role_that_does_not_exist_is_named(arguments: list[str]) -> None:
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 2
    assert "there is no role 'nobody'" in result.output
    assert "hub_analyst" in result.output


def test_psql_takes_its_own_arguments_and_gives_its_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    result = RUNNER.invoke(app, ["psql", "--role", "hub_auditor", "--", "-XAtc", "select count(*) from ledger.feeds"])
    assert (result.exit_code, capfd.readouterr().out.strip()) == (0, str(len(FEEDS)))
    assert RUNNER.invoke(app, ["psql", "--", "-c", "select 1/0"]).exit_code == 1


def test_psql_looks_as_the_analyst_unless_told_otherwise(capfd: pytest.CaptureFixture[str]) -> None:
    assert RUNNER.invoke(app, ["psql", "--", "-XAtc", "select current_user"]).exit_code == 0
    assert capfd.readouterr().out.strip() == "hub_analyst"


def test_publish_prints_one_line_of_json() -> None:
    result = RUNNER.invoke(app, ["publish"])
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert printed["is_new"] is True
    assert printed["row_counts"]["freshness_v1"] == len(FEEDS)


def test_a_refused_publish_says_why_and_exits_with_1(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.warehouse_url
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url)
    result = RUNNER.invoke(app, ["publish"])
    assert result.exit_code == 1
    assert "nothing has been built yet" in result.stderr


def test_build_prints_one_line_of_json() -> None:
    result = RUNNER.invoke(app, ["build", "--select", "dim_feed+"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["models"] == 5


def test_a_build_with_an_unknown_selector_names_it_and_exits_with_1() -> None:
    result = RUNNER.invoke(app, ["build", "--select", "no_such_selector:x"])
    assert result.exit_code == 1
    assert "no_such_selector" in result.stderr


def test_dbt_takes_its_own_arguments_and_gives_its_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    listed = RUNNER.invoke(app, ["dbt", "--quiet", "ls", "--select", "dim_strand", "--resource-type", "model"])
    assert (listed.exit_code, capfd.readouterr().out.strip()) == (0, "hub.marts.reference.dim_strand")
    assert RUNNER.invoke(app, ["dbt", "--quiet", "ls", "--no-such-option"]).exit_code == 2
