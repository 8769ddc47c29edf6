"""From a published number back to the deliveries and rows that it rests on."""

import json
import uuid
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from typer.testing import CliRunner

from conftest import Databases, share_keys
from each import of_each
from hub.cli.main import app
from hub.cli.trace import runs
from hub.forecast.tables import AREA_FORECASTS, RUNS, TASKING, TASKING_DECISIONS
from hub.publish import publish
from hub.publish.trace import NotTraced, Trace, trace
from hub.publish.trace_ways import NO_WAY, WAYS
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.conftest import BUILT, Built
from models.rows import fetch


def traced(settings: Settings, view: str, **key: str) -> Trace:
    return trace(settings, open_warehouse(settings, Role.AUDITOR), 1, view, key, who="an.auditor")


def rows_of(found: Trace) -> set[tuple[str, int]]:
    return {(source.delivery_id, number) for source in found.sources for number in source.rows}


def test_a_published_incident_leads_to_its_reports_and_to_no_others(published: Settings) -> None:
    owner = open_warehouse(published, Role.OWNER)
    [incident] = fetch(owner, "select incident_id from publish.incidents_v1 order by count_reports desc limit 1")
    reports = f"select delivery_id::text, row_number from marts.fct_reports where incident_id = '{incident}'"
    found = traced(published, "incidents_v1", incident_id=str(incident))
    assert rows_of(found) == set(fetch(owner, reports)) != set()
    assert all(len(source.sha256) == 64 for source in found.sources)


def test_a_number_of_a_scorecard_leads_to_the_reports_of_all_that_it_counts(published: Settings) -> None:
    owner = open_warehouse(published, Role.OWNER)
    query = """
        select force_code, count_received from publish.force_scorecard_v1
        where period_kind = 'all' order by count_received desc limit 1
    """
    [(force, count)] = fetch(owner, query)
    found = traced(published, "force_scorecard_v1", force_code=force, period_kind="all")
    incidents = {
        str(one)
        for delivery_id, number in rows_of(found)
        for one in fetch(
            owner,
            f"select incident_id from marts.fct_reports where delivery_id = '{delivery_id}' and row_number = {number}",
        )
    }
    counted = f"""
        select distinct incident_id::text from publish.allocations_v1
        where target_code = '{force}' and target_kind = 'force' and route <> 'police_record'
    """
    assert count > 0
    assert incidents == set(fetch(owner, counted))


@of_each("view", [view for view in WAYS if not view.startswith("hotspot")])
def test_every_view_that_has_a_way_back_leads_to_a_delivery(published: Settings, view: str) -> None:
    key = {"freshness_v1": "feed", "recorded_crime_v1": "area_code", "force_scorecard_v1": "force_code"}
    key |= {"measures_v1": "measure_code", "public_statistics_v1": "area_code"}
    column = key.get(view, "provider_code" if view == "provider_scorecard_v1" else "incident_id")
    first = f"select {column}::text from publish.{view} order by {column} desc limit 1"
    values = fetch(open_warehouse(published, Role.OWNER), first)
    if not values:
        pytest.fail(f"the samples have no row of {view}")
    assert traced(published, view, **{column: values[0]}).sources


def incidents_of(settings: Settings, found: Trace) -> set[str]:
    """The incidents whose reports a trace leads to."""
    pairs = [{"delivery_id": one, "row_number": number} for one, number in rows_of(found)]
    query = sa.text("""
        select distinct incident_id::text from marts.fct_reports
        inner join jsonb_to_recordset(:pairs) as pairs (delivery_id uuid, row_number bigint)
            using (delivery_id, row_number)
    """).bindparams(sa.bindparam("pairs", pairs, type_=JSONB))
    with open_warehouse(settings, Role.OWNER).connect() as connection:
        return set(connection.execute(query).scalars())


MEASURES = """
    select distinct on (measure_code, dimension) measure_code, month::text, dimension, dimension_code,
           numerator::float, denominator::float, base_size::float
    from publish.measures_v1
    where measure_code <> all(:without)
    order by measure_code, dimension, base_size desc nulls last
"""
COUNTED_IN_ROWS = ("volunteer_reports", "counter_narratives", "support_signposted", "training_sessions", "hub_hours",
                   "survey_not_answered", "reports", "reports_investigated")  # fmt: skip
COUNTED_IN_INCIDENTS = ("incidents", "criminal_incidents", "criminal_investigated", "criminal_abroad", "criminal_uk",
                        "criminal_awaiting_provider", "incidents_with_arrest", "charged_of_recorded",
                        "other_positive_of_recorded", "charged_of_closed", "other_positive_of_closed")  # fmt: skip


def test_a_measure_leads_to_all_that_its_base_counts(published: Settings) -> None:
    query = sa.text(MEASURES).bindparams(without=[*NO_WAY["measures_v1"][1]])
    with open_warehouse(published, Role.OWNER).connect() as connection:
        measures = connection.execute(query).all()
    wrong = []
    for one in measures:
        key = {name: getattr(one, name) for name in ("measure_code", "month", "dimension", "dimension_code")}
        found, code = traced(published, "measures_v1", **key), one.measure_code
        counts = {one.base_size, one.denominator, one.numerator}
        if code in COUNTED_IN_INCIDENTS:
            is_right = len(incidents_of(published, found)) in counts
        elif code in COUNTED_IN_ROWS or code.endswith(("_start", "_end")):
            is_right = len(rows_of(found)) in counts
        else:
            is_right = bool(rows_of(found)) or not one.base_size
        if not is_right:
            wrong.append((key, counts, len(rows_of(found))))
    assert wrong == []
    assert {*COUNTED_IN_ROWS, *COUNTED_IN_INCIDENTS} - {one.measure_code for one in measures} == set()


def test_a_measure_of_working_days_leads_to_no_row(published: Settings) -> None:
    with pytest.raises(NotTraced, match="capacity_used: there is no way back"):
        traced(published, "measures_v1", measure_code="capacity_used")


def test_a_public_figure_leads_to_the_incidents_that_were_counted(published: Settings) -> None:
    counted = """
        select distinct on (measure_code, area_kind, period_kind, part_code = 'all') measure_code, area_code,
               part_code, period_code, count_incidents::int
        from marts.agg_public_counts where count_incidents > 0 and area_code <> 'unknown'
        order by measure_code, area_kind, period_kind, part_code = 'all', count_incidents desc
    """
    cells = fetch(open_warehouse(published, Role.OWNER), counted)
    wrong = []
    for measure, area, part, period, count in cells:
        parts = {"strand_code": part} if measure == "criminal_incidents" else {"outcome_group": part}
        key = {"measure_code": measure, "area_code": area, "period_code": period} | parts
        found = incidents_of(published, traced(published, "public_statistics_v1", **key))
        if len(found) != count:
            wrong.append((key, count, len(found)))
    assert wrong == []
    assert cells


def test_a_public_figure_of_closed_cases_leads_to_those_with_that_outcome(published: Settings) -> None:
    owner = open_warehouse(published, Role.OWNER)
    with owner.begin() as connection:
        connection.exec_driver_sql("""
            update marts.fct_incident_measures set closed_month = month, is_closed = true,
                is_charged = cardinality(strands) > 0, is_positive = cardinality(strands) > 0
            where is_criminal
        """)
    charged = set(fetch(owner, "select incident_id::text from marts.fct_incident_measures where is_charged"))
    years = fetch(
        owner, "select distinct period_code from publish.public_statistics_v1 where outcome_group = 'charged'"
    )
    every = {"area_code": "all", "strand_code": "all"}
    count = 0
    for year in years:
        closed = traced(published, "public_statistics_v1", outcome_group="charged", period_code=year, **every)
        recorded = traced(published, "public_statistics_v1", outcome_base="recorded", period_code=year, **every)
        assert incidents_of(published, closed) == incidents_of(published, recorded) & charged
        count += len(incidents_of(published, closed))
    assert count


@pytest.fixture(scope="module")
def hotspots(built: Built, module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A published forecast of a local authority and strand, its area approved, and one of recorded crime, withheld."""
    warehouse = module_databases.make(BUILT, tmp_path_factory.mktemp("hotspots"))
    share_keys(built.settings, warehouse)
    runs = {"local_authority": uuid.uuid4(), "recorded_crime": uuid.uuid4()}
    with open_warehouse(warehouse, Role.OWNER).begin() as connection:
        for panel, run_id in runs.items():
            values = {
                "run_id": run_id,
                "panel": panel,
                "cut_off": date(2027, 1, 4),
                "first_event_on": date(2026, 1, 5),
                "is_withheld": False,
            }
            values |= dict.fromkeys(("data_sha256", "boundary_version", "model_version"), "")
            values |= {"count_areas": 1, "count_reports": 1, "completeness": 1.0}
            connection.execute(sa.insert(RUNS).values(values))
        place = connection.execute(
            sa.text("""
                select lad_code, strands[1] as strand from intermediate.int_hotspots__incidents
                where is_trained_on and lad_code is not null and cardinality(strands) > 0
                order by incident_id limit 1
            """)
        ).one()
        for strand in ("all", place.strand):
            row = {"run_id": runs["local_authority"], "area_code": place.lad_code, "strand_code": strand}
            row |= {"horizon": "week", "reports_12m": 50, "reports_4w": 10, "completeness": 1.0}
            connection.execute(sa.insert(AREA_FORECASTS).values(row))
        slot = {"run_id": runs["local_authority"], "slot": 1, "area_code": place.lad_code, "strands": [place.strand]}
        slot |= {"why": "many reports", "action": "engagement", "selection": "model", "review_by": date(2027, 2, 1)}
        slot |= dict.fromkeys(("rank", "expected_reports", "p05", "p95", "stability_weeks"), 1)
        connection.execute(sa.insert(TASKING).values(slot))
        decision = {"run_id": runs["local_authority"], "slot": 1, "kind": "approved", "decided_by": "a.person"}
        connection.execute(sa.insert(TASKING_DECISIONS).values(decision))
        withheld = sa.update(RUNS).where(RUNS.c.panel == "recorded_crime")
        connection.execute(withheld.values(is_withheld=True, withheld_because="too few events"))
    publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    return warehouse


def test_a_forecast_leads_to_the_reports_of_its_area_and_strand_that_it_learned_from(hotspots: Settings) -> None:
    owner = open_warehouse(hotspots, Role.OWNER)
    shown = "select area_code, strand_code from publish.hotspot_forecast_v1 where panel = 'local_authority'"
    for area, strand in fetch(owner, shown):
        learned = f"""
            select incident_id::text from intermediate.int_hotspots__incidents
            where is_trained_on and lad_code = '{area}' and '{strand}' = any(array['all'] || strands)
        """
        found = traced(hotspots, "hotspot_forecast_v1", area_code=area, strand_code=strand)
        assert incidents_of(hotspots, found) == set(fetch(owner, learned)) != set()


def test_an_approved_area_leads_to_the_reports_that_it_was_proposed_for(hotspots: Settings) -> None:
    [area] = fetch(open_warehouse(hotspots, Role.OWNER), "select area_code from publish.hotspot_tasking_v1")
    expected = traced(hotspots, "hotspot_forecast_v1", area_code=area, strand_code="all")
    assert rows_of(traced(hotspots, "hotspot_tasking_v1", slot="1")) == rows_of(expected) != set()


def test_a_withheld_forecast_of_recorded_crime_leads_to_the_published_counts(hotspots: Settings) -> None:
    feeds = {source.feed for source in traced(hotspots, "hotspot_forecast_v1", panel="recorded_crime").sources}
    assert feeds <= {"mps_recorded_crime"}


def test_what_came_after_a_publish_is_no_source_of_it(published: Settings) -> None:
    owner = open_warehouse(published, Role.OWNER)
    [incident] = fetch(owner, "select incident_id from publish.incidents_v1 limit 1")
    with owner.begin() as connection:
        connection.execute(sa.text("update ledger.publishes set delivery_ids = '{}'"))
    assert traced(published, "incidents_v1", incident_id=str(incident)).sources == ()


@of_each(
    "asked",
    [
        ("victim_journeys_v1", {"journey_number": "1"}, "no way back from 'victim_journeys_v1'"),
        ("incidents_v1; drop table ledger.feeds", {"incident_id": "1"}, "no way back"),
        ("incidents_v1", {"incident_id = '1' or true --": "1"}, "has no column"),
        ("incidents_v1", {"incident_id": "' or true --"}, "has no row where"),
        ("incidents_v1", {}, "name at least one"),
    ],
)
def test_what_cannot_be_traced_is_said_and_nothing_is_run(
    published: Settings, asked: tuple[str, dict[str, str], str]
) -> None:
    view, key, reason = asked
    with pytest.raises(NotTraced, match=reason):
        traced(published, view, **key)


@of_each("role", ["hub_analyst", "hub_bi", "force_E23000001", "hub_loader"])
def test_who_may_not_audit_traces_nothing(published: Settings, role: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        trace(published, open_warehouse(published, role), 1, "freshness_v1", {"feed": "police_uk_street"}, who="x")


def test_runs_of_rows_are_told_by_their_first_and_last() -> None:
    assert runs([]) == []
    assert runs([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]


def test_a_trace_can_be_read_by_people(published: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(published.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(published.warehouse_url))
    asked = ["trace", "1", "measures_v1", "measure_code=training_sessions", "dimension=all", "--table"]
    done = CliRunner().invoke(app, asked, env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    found = traced(published, "measures_v1", measure_code="training_sessions", dimension="all")
    (source,) = found.sources
    assert f"which rest on {len(source.rows)} row(s) of 1 delivery(ies)" in done.stdout
    first, last = source.rows[0], source.rows[-1]
    for told in (source.delivery_id, "training_sessions, received", source.file_name, f"rows {first}-{last}"):
        assert told in done.stdout


def test_a_trace_is_written_down_before_it_is_answered(published: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(published.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(published.warehouse_url))
    asked = ["trace", "1", "freshness_v1", "feed=police_uk_street", "--as", "an.auditor"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["sources"][0]["feed"] == "police_uk_street"
    query = "select who, action, details->>'view' from audit.log order by entry_id desc limit 1"
    told = fetch(open_warehouse(published, Role.AUDITOR), query)
    assert told == [("an.auditor", "publish traced", "freshness_v1")]
    assert CliRunner().invoke(app, ["trace", "1", "freshness_v1", "jane.doe@example.org=1"]).exit_code == 1
    assert CliRunner().invoke(app, ["trace", "1", "freshness_v1", "feed=jane.doe@example.org"]).exit_code == 1
    logged = fetch(open_warehouse(published, Role.AUDITOR), "select string_agg(details::text, ' ') from audit.log")
    assert "jane" not in str(logged)
    assert CliRunner().invoke(app, ["trace", "1", "freshness_v1", "feed"]).exit_code == 2
