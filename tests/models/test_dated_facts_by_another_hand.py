"""What was said earlier still holds when something is noted later: answers at the desk, days of issues, dated rows."""

import threading
import uuid
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.monitoring import known_issues
from hub.monitoring.known_issues import IssueRefused, NewIssue
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, way_of
from models.test_build import report, response

Deliver = Callable[..., uuid.UUID]
FEEDS = ("true_vision_reports", "force_responses", "hub_activity")


def work(number: int, activity: str, started_at: str, **changes: object) -> dict[str, object]:
    return {
        "activity_ref": f"HA-{number:08d}",
        "report_ref": f"TV-{number:08d}",
        "role": "detective_constable",
        "activity": activity,
        "started_at": started_at,
        "hours": "0.2",
        **changes,
    }


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
@pytest.mark.parametrize(
    ("number", "noted"),
    [
        (98_000_001, ("allocation", {})),
        (98_000_002, ("triage", {"decision": "crime"})),
    ],
)
def test_a_force_that_took_up_a_case_at_the_desk_keeps_it_when_the_hub_writes_a_note_later(
    warehouse: Settings, deliver: Deliver, number: int, noted: tuple[str, dict[str, object]]
) -> None:
    activity, changes = noted
    reference = f"TV-{number:08d}"
    deliver("true_vision_reports", report(reference, reported_at="2026-10-01T10:00:00+00:00"))  # of no known place
    deliver("force_responses", response(f"FR-{number}", incident_ref=reference, kind="accepted"))  # 4 October
    build_warehouse(warehouse, select=way_of(FEEDS, "fct_allocations", "fct_reports"))
    engine = open_warehouse(warehouse, Role.OWNER)
    owner = f"""
        select owners.target_kind, owners.target_code from marts.fct_allocations as owners
        join marts.fct_reports as reports using (incident_id)
        where owners.is_current_owner and reports.report_ref = '{reference}'
    """
    assert fetch(engine, owner) == [("force", "E23000001")]
    deliver("hub_activity", work(number, activity, "2026-10-06T10:00:00+00:00", **changes))
    build_warehouse(warehouse, select=way_of(FEEDS, "fct_allocations", "fct_reports"))
    assert fetch(engine, owner) == [("force", "E23000001")]


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_a_second_triage_that_says_the_same_gives_a_provider_no_second_start(
    warehouse: Settings, deliver: Deliver
) -> None:
    number = 98_000_005
    found = report(f"TV-{number}", reported_at="2026-10-01T10:00:00+00:00", is_online="yes", platform="x")
    deliver("true_vision_reports", found)
    deliver("hub_activity", work(number, "triage", "2026-10-01T12:00:00+00:00", decision="crime"))
    build_warehouse(warehouse, select=way_of(FEEDS, "fct_allocations", "fct_reports"))
    engine = open_warehouse(warehouse, Role.OWNER)
    due = f"""
        select distinct allocations.due_at from marts.fct_allocations as allocations
        join marts.fct_reports as reports using (incident_id)
        where allocations.duty = 'removal' and reports.report_ref = 'TV-{number}'
    """
    first = fetch(engine, due)
    assert len(first) == 1
    again = work(number, "triage", "2026-10-20T12:00:00+00:00", decision="crime", activity_ref=f"HA-{number + 1}")
    deliver("hub_activity", again)
    build_warehouse(warehouse, select=way_of(FEEDS, "fct_allocations", "fct_reports"))
    assert fetch(engine, due) == first


@pytest.mark.usefixtures("without_data_tests")
def test_an_issue_of_a_day_of_delivery_stands_beside_the_months_that_were_delivered_on_it(
    warehouse: Settings, deliver: Deliver
) -> None:
    """What happened in August is delivered today, and today's delivery is known to be wrong."""
    delivery = deliver("true_vision_reports", report("TV-98000003", reported_at="2026-08-03T10:00:00+00:00"))
    engine = open_warehouse(warehouse, Role.OWNER)
    with engine.begin() as connection:
        of_august = "update ledger.deliveries set first_event_on = '2026-08-03', last_event_on = '2026-08-03'"
        connection.execute(sa.text(f"{of_august} where delivery_id = '{delivery}'"))
    today = (
        f"select (received_at at time zone 'Europe/London')::date from ledger.deliveries where delivery_id='{delivery}'"
    )
    [received_on] = fetch(engine, today)
    assert received_on > date(2026, 9, 1)
    with begin(engine) as connection:
        issue = NewIssue("true_vision_reports", None, None, received_on, received_on, "strands are wrong")
        number = known_issues.open_issue(connection, issue, "test")
    build_warehouse(warehouse, select="+measures_v1")
    shown = "select known_issue_ids from candidate.measures_v1 where measure_code = 'incidents' and dimension = 'all'"
    assert fetch(engine, f"{shown} and month = '2026-08-01'") == [str(number)]


def test_an_issue_that_two_people_close_at_once_is_closed_once(warehouse: Settings) -> None:
    """A second row would be a second issue of the number, on which every later build stops."""
    engine = open_warehouse(warehouse, Role.OWNER)
    with begin(engine) as connection:
        issue = NewIssue("true_vision_reports", None, None, date(2026, 10, 1), None, "strands are wrong")
        number = known_issues.open_issue(connection, issue, "first")
    refused: list[str] = []

    def close(by: str) -> None:
        try:
            with begin(engine) as connection:
                known_issues.close_issue(connection, number, date(2026, 10, 9), "sent again", by)
        except IssueRefused as refusal:
            refused.append(str(refusal))

    other = threading.Thread(target=close, args=("second",))
    with begin(engine) as connection:
        known_issues.close_issue(connection, number, date(2026, 10, 8), "sent again", "first")
        other.start()
        other.join(timeout=3)
    other.join(timeout=30)
    closed = f"select count(*) from ledger.known_issue_events where kind = 'closed' and issue_id = {number}"
    assert fetch(engine, closed) == [1]
    assert len(refused) == 1
    build_warehouse(warehouse, select="stg_ledger__known_issue_events dim_known_issue")


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_the_home_force_of_a_later_year_makes_no_earlier_case_one_of_another_area(
    warehouse: Settings, deliver: Deliver
) -> None:
    """Whose hub it is is a dated row: a case that the home force of its day got is not referred elsewhere."""
    deliver("true_vision_reports", report("TV-98000004", offence_postcode_district="N1"))
    feeds = ["true_vision_reports"]
    build_warehouse(warehouse, select=way_of(feeds, "fct_incident_measures"))
    engine = open_warehouse(warehouse, Role.OWNER)
    elsewhere = """
        select measures.is_referred_elsewhere from marts.fct_incident_measures as measures
        join marts.fct_reports as reports using (incident_id) where reports.report_ref = 'TV-98000004'
    """
    assert fetch(engine, elsewhere) == [False]
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                """
                insert into reference.measure_parameters
                    (parameter_code, parameter_value, parameter_text, unit, valid_from, valid_to, is_confirmed, source)
                select parameter_code, parameter_value, 'E23000034', unit, '2040-01-01', valid_to, is_confirmed, source
                from reference.measure_parameters where parameter_code = 'home_force'
                """
            )
        )
        connection.execute(
            sa.text(
                "update reference.measure_parameters set valid_to = '2039-12-31'"
                " where parameter_code = 'home_force' and parameter_text = 'E23000001'"
            )
        )
    build_warehouse(warehouse, select="fct_incident_measures", full_refresh=True)
    assert fetch(engine, elsewhere) == [False]
