"""Hotspots from the hub's own counts to what is published: withheld, forecast, proposed, decided, suppressed."""

import datetime as dt
import json
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.forecast import store as forecast_store
from hub.forecast import tasking_decisions
from hub.forecast.hotspot_forecasts import ForecastRefused, PanelRun, forecast_hotspots
from hub.forecast.tasking_decisions import DecisionRefused
from hub.orchestration import tasking
from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from models.histories import put_history, put_recorded_crime
from models.rows import fetch

CUT_OFF = dt.date(2026, 10, 5)
OPEN = "select count(*) from forecast.tasking_decisions"
ROWS = "select md5(string_agg(f::text, '/' order by f::text)) from forecast.{} f"
TABLES = ("area_forecasts", "online_forecasts", "evaluations", "group_scores", "tasking")


def by_panel(runs: list[PanelRun]) -> dict[str, PanelRun]:
    return {run.panel: run for run in runs}


def be_the_hub_of(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for name, value in {"HOME": settings.home, "WAREHOUSE_URL": settings.warehouse_url}.items():
        monkeypatch.setenv(f"HUB_{name}", str(value))


@pytest.mark.long
def test_a_few_days_of_samples_are_withheld_and_the_views_say_why(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    be_the_hub_of(monkeypatch, warehouse)
    due = tasking.due_panels(warehouse)
    # A month that comes later is due, though the week was forecast.
    assert [run.panel for run in tasking.forecast(warehouse, due[:-1])] == due[:-1]
    assert tasking.due_panels(warehouse) == due[-1:] == ["recorded_crime"]
    ran = CliRunner().invoke(app, ["forecast"], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    told = [json.loads(line) for line in ran.output.splitlines() if line.startswith("{")]
    because = {line["panel"]: line["withheld_because"] for line in told}
    assert list(because) == due == ["force", "local_authority", "lsoa", "online", "recorded_crime"]
    assert {line["verdict"] for line in told} == {"too_few_events"}
    assert set(because.values()) == {"too few events, as fewer than 200 reports are known"}
    publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    shown = "select distinct caveat_code, caveat, expected_reports from publish.{} where caveat_code = 'withheld'"
    for view in ("hotspot_forecast_v1", "hotspot_online_v1"):
        assert fetch(engine, shown.format(view)) == [
            ("withheld", "too few events, as fewer than 200 reports are known", None)
        ]
    assert fetch(engine, "select count(*) from publish.hotspot_tasking_v1") == [0]
    assert tasking.due_panels(warehouse) == []


@pytest.fixture
def forecast(warehouse: Settings) -> tuple[Settings, dict[str, PanelRun]]:
    """A hub with ninety weeks of reports and two years of recorded crime, forecast at a Monday."""
    engine = open_warehouse(warehouse, Role.OWNER)
    put_history(engine, until="2026-10-07", weeks=90, reports=3000)
    put_recorded_crime(engine)
    return warehouse, by_panel(forecast_hotspots(warehouse, cut_off=CUT_OFF))


def test_from_a_forecast_to_what_officers_see(forecast: tuple[Settings, dict[str, PanelRun]]) -> None:
    """One hub, step by step: each step costs a forecast of its own otherwise."""
    settings, made = forecast
    engine = open_warehouse(settings, Role.OWNER)
    run = made["local_authority"]
    assert (run.withheld_because, run.is_new) == (None, True)
    assert run.count_slots > 1
    let_pass(engine, "online")

    # The same again writes nothing; what came later or is known later is not seen.
    before = [fetch(engine, ROWS.format(table)) for table in TABLES]
    with engine.begin() as connection:
        connection.execute(
            sa.text("""
                insert into intermediate.int_hotspots__incidents (incident_id, force_code, lad_code, strands,
                    report_origin, is_trained_on, count_reports, occurred_on, known_on)
                select gen_random_uuid(), 'E23000001', 'E09000003', '{race}', 'public', true, 1, date '2026-09-01',
                    date '2026-10-05' from generate_series(1, 300)
            """)
        )
    second = forecast_hotspots(settings, cut_off=CUT_OFF, panels=("local_authority", "online"))
    again = by_panel(second)["local_authority"]
    assert (again.run_id, again.is_new, again.count_slots) == (run.run_id, False, run.count_slots)
    assert [fetch(engine, ROWS.format(table)) for table in TABLES] == before

    # Nothing is tasked before a person has approved it.
    publish(settings, open_warehouse(settings, Role.PUBLISHER))
    assert fetch(engine, "select count(*) from publish.hotspot_tasking_v1") == [0]
    question = tasking.describe(settings, [str(run.run_id)])
    assert f"{run.count_slots} areas" in question
    assert "local_authority/1" in question
    counts = tasking.carry_out(
        settings,
        [str(run.run_id)],
        is_approved=True,
        declined=["local_authority/2"],
        because="a festival",
        decided_by="an.analyst",
    )
    assert counts == {"approved": run.count_slots - 1, "declined": 1}
    assert publish(settings, open_warehouse(settings, Role.PUBLISHER)).is_new
    shown = "select slot, approver, decision, is_current from publish.hotspot_tasking_v1 order by slot limit 2"
    assert fetch(engine, shown) == [(1, "an.analyst", "approved", True), (3, "an.analyst", "approved", True)]
    with pytest.raises(tasking.NothingToDecide):
        tasking.describe(settings, [str(run.run_id)])

    nothing_small_and_nobody(engine)
    other_offences_are_told(engine)
    an_area_has_one_figure_for_one_horizon(engine)
    one_baseline_is_the_best(engine, run)


def one_baseline_is_the_best(engine: sa.Engine, run: PanelRun) -> None:
    """It is named beside the verdict in each horizon, and what is published gains on it."""
    shown = """
        select horizon, count(distinct method_code), min(verdict), min(bits_gain_low) > 0
        from publish.hotspot_evaluation_v1 where is_best_baseline and run_id = :run
        group by horizon order by horizon desc
    """
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(shown), {"run": run.run_id})]
    assert [row[:3] for row in found] == [("week", 1, "better"), ("four_weeks", 1, "better")]
    assert found[0][3]


def an_area_has_one_figure_for_one_horizon(engine: sa.Engine) -> None:
    """What is tasked says the same of an area as its forecast, and the level is a level."""
    pairs = """
        select slots.expected_reports = forecasts.expected_reports and slots.p05 = forecasts.p05
            and slots.p95 = forecasts.p95 and slots.rank = forecasts.rank and slots.area_level = forecasts.area_level
        from publish.hotspot_tasking_v1 as slots
        inner join publish.hotspot_forecast_v1 as forecasts using (run_id, panel, area_code, horizon)
        where forecasts.strand_code = 'all'
    """
    (count,) = fetch(engine, "select count(*) from publish.hotspot_tasking_v1")
    assert fetch(engine, pairs) == [True] * count
    levels = "select distinct panel, area_level from publish.hotspot_forecast_v1 where panel <> area_level"
    assert fetch(engine, levels) == [("recorded_crime", "lsoa")]


def let_pass(engine: sa.Engine, panel: str) -> None:
    """As if its forecast had beaten every baseline: what is suppressed of it shows only then."""
    passed = """
        update forecast.runs set verdict = 'better', is_withheld = false, withheld_because = null where panel = :panel
    """
    with engine.begin() as connection:
        connection.execute(sa.text(passed), {"panel": panel})


def other_offences_are_told(engine: sa.Engine) -> None:
    """Published counts are forecast from what else the public meets there too; the hub's own reports are not."""
    shown = """
        select min(share_context), max(share_context) > 0.5, min(whole), max(whole)
        from (select panel, share_context, round((share_long_run + share_recent + share_neighbours
                  + share_citywide + share_context)::numeric, 6) as whole
              from publish.hotspot_forecast_v1 where strand_code = 'all' and horizon <> 'none') as shares
        where (panel = 'recorded_crime') = :is_recorded
    """
    with engine.connect() as connection:
        learnt = {row.kind for row in forecast_store.read_other_recorded_crime(connection, dt.date(2026, 10, 1))}
        recorded, own = (connection.execute(sa.text(shown), {"is_recorded": one}).one() for one in (True, False))
    assert learnt == {"PUBLIC FEAR ALARM OR DISTRESS"}
    assert recorded[0] > 0
    assert tuple(recorded[1:]) == (True, 1, 1)
    assert tuple(own) == (0, False, 1, 1)


def nothing_small_and_nobody(engine: sa.Engine) -> None:
    """What is published of these forecasts has no small count of a strand, few authors, or a public count of 1 to 4."""
    assert fetch(engine, "select count(*) > 100 from publish.hotspot_forecast_v1 where strand_code <> 'all'") == [True]
    small = """
        select count(*) from publish.hotspot_forecast_v1 as shown
        inner join forecast.area_forecasts as known using (run_id, area_code, strand_code, horizon)
        where strand_code <> 'all' and known.reports_12m < 5
    """
    assert fetch(engine, small) == [0]
    assert fetch(engine, "select count(*) > 0, min(count_authors) >= 10 from publish.hotspot_online_v1") == [
        (True, True)
    ]
    cells = "select count_caught, count_reports, count_reports - count_caught from publish.hotspot_evaluation_v1"
    counts = [count for row in fetch(engine, cells) for count in row if count is not None]
    assert len(counts) > 50
    assert not set(counts) & {1, 2, 3, 4}
    own = "select count(*) > 0 from publish.hotspot_forecast_v1 where panel <> 'recorded_crime' and reports_4w {}"
    assert fetch(engine, own.format("between 1 and 4")) == [False]
    assert fetch(engine, own.format(">= 5")) == [True]
    strands = "select unnest(strands), area_code from publish.hotspot_tasking_v1"
    assert fetch(engine, strands)


def test_decisions_are_made_once_with_a_reason_and_outcomes_of_approved_slots_alone(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    run = uuid.UUID(int=161)
    with engine.begin() as connection:
        connection.execute(
            sa.text("""
                insert into forecast.runs (run_id, panel, cut_off, data_sha256, boundary_version, model_version,
                    count_areas, is_withheld)
                values (:run, 'local_authority', '2026-10-05', 'x', 'LAD 2023', '1', 33, false)
            """),
            {"run": run},
        )
        connection.execute(
            sa.text("""
                insert into forecast.tasking (run_id, slot, area_code, area_name, rank, why, expected_reports, p05, p95,
                    strands, action, stability_weeks, selection, review_by)
                select :run, slot, 'E09000003', 'Barnet', slot, 'long-run high', 2, 0, 5, '{race}', 'engagement', 1,
                    'model', '2026-11-02' from generate_series(1, 4) as slots (slot)
            """),
            {"run": run},
        )
    with begin(engine) as connection:
        with pytest.raises(DecisionRefused, match="proposes no slot 9"):
            tasking_decisions.decide(connection, run, [1, 9], is_approved=True, decided_by="a.b")
        with pytest.raises(DecisionRefused, match="needs its reason"):
            tasking_decisions.decide(connection, run, [1], is_approved=False, decided_by="a.b", because=" ")
        assert tasking_decisions.decide(connection, run, [1, 1], is_approved=True, decided_by="a.b") == 1
        assert tasking_decisions.decide(connection, run, [1], is_approved=False, decided_by="c.d", because="no") == 0
        with pytest.raises(DecisionRefused, match="slot 2 was not approved"):
            tasking_decisions.tell_outcome(connection, run, 2, outcome="talked", told_by="a.b")

    be_the_hub_of(monkeypatch, warehouse)

    def hub(*arguments: str, code: int = 0) -> str:
        ran = CliRunner().invoke(app, ["tasking", *arguments])
        assert ran.exit_code == code, ran.output
        return ran.output

    assert "0 approved, 1 were decided before" in hub("approve", str(run), "1")
    assert "1 declined" in hub("decline", str(run), "4", "--because", "a festival", "--by", "e.f")
    answer: dict[str, Any] = {"is_approved": True, "because": "a festival", "decided_by": "e.f"}
    with pytest.raises(DecisionRefused, match="proposes no slot local_authority/8"):
        tasking.carry_out(warehouse, [str(run)], declined=["local_authority/8"], **answer)
    both = ["local_authority/1", "local_authority/2"]
    counts = [tasking.carry_out(warehouse, [str(run)], declined=both, **answer) for _ in range(2)]
    assert counts == [{"approved": 1, "declined": 1}, {"approved": 0, "declined": 0}]
    assert "approved before, and not declined now: local_authority/1" in caplog.text

    hub("outcome", str(run), "1", "--told", "went and talked")
    hub("outcome", str(run), "2", "--told", "nothing", code=1)
    assert "went and talked" in hub("list", "--run", str(run))
    shown = "select slot, decision, approver, outcome from publish.hotspot_tasking_v1"
    assert fetch(engine, shown) == [(1, "approved", "a.b", "went and talked"), (3, "approved", "e.f", None)]
    declined = "select decided_by, because from forecast.tasking_decisions where kind = 'declined'"
    assert fetch(engine, declined) == [("e.f", "a festival")] * 2


def test_a_cut_off_is_a_monday_and_what_is_not_built_is_not_forecast(settings: Settings) -> None:
    with pytest.raises(ForecastRefused, match="no Monday"):
        forecast_hotspots(settings, cut_off=dt.date(2026, 10, 6))
    with pytest.raises(ForecastRefused, match="hub build first"):
        forecast_hotspots(settings)


@pytest.mark.long
def test_a_cut_off_after_all_that_can_be_known_is_refused(warehouse: Settings) -> None:
    """Weeks that nobody could report yet would count as quiet ones, and the run would be the latest until then."""
    put_history(open_warehouse(warehouse, Role.OWNER), until="2026-10-07", weeks=90, reports=3000)
    with pytest.raises(ForecastRefused):
        forecast_hotspots(warehouse, cut_off=CUT_OFF + dt.timedelta(weeks=8), panels=("force",))
