"""From a published number back to the deliveries and rows that it rests on."""

import json

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from each import of_each
from hub.cli.main import app
from hub.publish import publish
from hub.publish.trace import WAYS, NotTraced, Trace, trace
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch


@pytest.fixture
def published(warehouse: Settings) -> Settings:
    publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    return warehouse


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


@of_each("view", WAYS)
def test_every_view_that_has_a_way_back_leads_to_a_delivery(published: Settings, view: str) -> None:
    key = {"freshness_v1": "feed", "recorded_crime_v1": "area_code", "force_scorecard_v1": "force_code"}
    column = key.get(view, "provider_code" if view == "provider_scorecard_v1" else "incident_id")
    values = fetch(open_warehouse(published, Role.OWNER), f"select {column}::text from publish.{view} limit 1")
    if not values:
        pytest.fail(f"the samples have no row of {view}")
    assert traced(published, view, **{column: values[0]}).sources


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
    assert CliRunner().invoke(app, ["trace", "1", "freshness_v1", "feed"]).exit_code == 2
