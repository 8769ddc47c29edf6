"""A build that did not succeed is on record as such, and nothing is published or forecast from what it left."""

from typing import Any

import pytest
import sqlalchemy as sa

from hub.build import BuildFailed, builds, code_hash, warehouse_build
from hub.build.warehouse_build import Build, run_step
from hub.forecast.hotspot_forecasts import ForecastRefused, forecast_hotspots
from hub.publish import PublishRefused, publish
from hub.settings import Settings


def put_build(engine: sa.Engine, settings: Settings, status: str, selection: str | None = None) -> int:
    code = code_hash(settings.dbt_project)
    build_id = builds.start_build(engine, selection=selection, code_sha256=code, seeds_sha256="s")
    if status != "running":
        builds.finish_build(engine, build_id, failed=[], count_nodes=1, succeeded=status == "succeeded")
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
