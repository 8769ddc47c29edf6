"""A build that did not succeed is on record as such, and nothing is published or forecast from what it left."""

from typing import Any

import psycopg
import pyarrow as pa
import pytest
import sqlalchemy as sa

from hub.build import BuildFailed, builds, code_hash, warehouse_build
from hub.build.warehouse_build import Build, run_step
from hub.forecast.hotspot_forecasts import ForecastRefused, forecast_hotspots
from hub.publish import PublishRefused, publish
from hub.settings import Settings
from hub.warehouse.row_exchange import read_rows


def put_build(
    engine: sa.Engine, settings: Settings, status: str, selection: str | None = None, seeds: str = "s"
) -> int:
    code = code_hash(settings.dbt_project)
    build_id = builds.start_build(engine, selection=selection, code_sha256=code, seeds_sha256=seeds)
    with engine.begin() as connection:
        ended = sa.text("update ledger.builds set status = :status where build_id = :build_id")
        connection.execute(ended, {"status": status, "build_id": build_id})
    return build_id


def last_build(engine: sa.Engine) -> tuple[str, str | None]:
    with engine.connect() as connection:
        row = builds.last_build(connection)
    assert row is not None
    return row.status, row.reason


@pytest.mark.parametrize("status", ["failed", "running"])
def test_a_build_of_a_selection_does_not_make_good_a_build_of_everything(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(builds, "must_start_from_nothing", lambda *_: False)
    put_build(engine, settings, "succeeded")
    put_build(engine, settings, status)
    put_build(engine, settings, "succeeded", "tag:forecasts+")
    with pytest.raises(PublishRefused, match="the last build of everything"):
        publish(settings, engine)
    with pytest.raises(ForecastRefused, match="the last build of everything"):
        forecast_hotspots(settings)


def test_a_selection_that_matches_nothing_fails(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse_build, "run_dbt", lambda *_: ())
    build = Build(put_build(engine, settings, "running", "fct_report"), False, False, "fct_report")
    project: Any = object()
    with pytest.raises(BuildFailed, match="nothing in the dbt project matches 'fct_report'"):
        run_step(settings, build, "selection", read_project=lambda: project)
    assert last_build(engine) == ("failed", "nothing in the dbt project matches 'fct_report'")


@pytest.mark.parametrize("problem", [ValueError("of a row"), sa.exc.DBAPIError("a query", None, psycopg.Error())])
def test_any_error_ends_a_build_and_its_message_stays_out_of_the_ledger(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: object) -> tuple[()]:
        raise problem

    monkeypatch.setattr(warehouse_build, "run_dbt", fail)
    build = Build(put_build(engine, settings, "running"), False, False)
    project: Any = object()
    with pytest.raises(type(problem)):
        run_step(settings, build, "stage", read_project=lambda: project)
    assert last_build(engine) == ("failed", type(problem).__name__)


def test_a_lost_connection_of_linkage_can_pass(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError):
        read_rows(connection, "select pg_terminate_backend(pg_backend_pid())::text", pa.schema({"one": pa.string()}))


@pytest.mark.parametrize(("status", "selection"), [("failed", None), ("running", None), ("succeeded", "+fct_reports")])
def test_code_lists_are_loaded_again_where_another_build_may_have_left_others(
    settings: Settings, engine: sa.Engine, status: str, selection: str | None
) -> None:
    put_build(engine, settings, "succeeded", seeds="a")
    assert builds.seeds_of_last_load(engine) == "a"
    put_build(engine, settings, status, selection, seeds="b")
    assert builds.seeds_of_last_load(engine) is None
    put_build(engine, settings, "succeeded", seeds="a")
    assert builds.seeds_of_last_load(engine) == "a"
