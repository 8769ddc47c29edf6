"""Journeys as they are and as they were known: told by deliveries that come late, twice, corrected and in any order."""

import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, put_delivery, way_of
from models.tables import OF_BUILDS, contents, differing

Rows = list[dict[str, object]]
KNOWN_DAYS = (2, 4, 6, 8, 10)
FIRST_DAY = datetime(2026, 10, 10, 6, 0, tzinfo=UTC)
STEPS = ("reported", "acknowledged", "support_offered", "referred", "contacted", "closed", "told_of_outcome")
AT = "2026-10-06T10:00:00Z"
VICTIM = {"victim_name_token": "t1:n", "victim_date_of_birth_token": "t1:b"}


def report(reference: str, at: str, **changes: object) -> dict[str, object]:
    consents = {
        f"consent_{purpose}": "yes" for purpose in ("share_police", "share_anonymised", "refer_support", "contact")
    }
    return {
        "report_ref": reference,
        "reported_at": at,
        "strands": "race",
        "description_token": "t1:d",
        **consents,
        **changes,
    }


def support(reference: str, kind: str, at: str, recorded_at: str, **changes: object) -> dict[str, object]:
    return {
        "event_ref": reference,
        "service_code": "galop",
        "client_ref": "C-1",
        "kind": kind,
        "happened_at": at,
        "recorded_at": recorded_at,
        **changes,
    }


def outcome(force: str, reference: str, code: str) -> dict[str, object]:
    return {
        "response_ref": reference,
        "force_code": force,
        "incident_ref": "TV-90000001",
        "kind": "outcome",
        "outcome_code": code,
        "happened_at": AT,
    }


def work(reference: str, report_ref: str, activity: str, at: str, **changes: object) -> dict[str, object]:
    return {
        "activity_ref": reference,
        "report_ref": report_ref,
        "role": "analyst",
        "officer_code_token": "t1:o",
        "activity": activity,
        "started_at": at,
        "hours": "1",
        **changes,
    }


def crime(outcome: str, on: str | None, changed_at: str) -> dict[str, object]:
    return {
        "crime_reference": "01/900001/26",
        "force_code": "E23000001",
        "recorded_at": "2026-10-01T09:00:00+00:00",
        "occurred_on": "2026-09-30",
        "offence_code": "8M",
        "strands": "race",
        "is_online": "yes",
        "outcome_code": outcome,
        "outcome_on": on,
        "changed_at": changed_at,
        **VICTIM,
    }


# In the order of arrival. The service's client is known by a later event alone; VS-90000002 is changed, by a row that
# was written down before the first; the answer comes before its report; the outcome is replaced, then taken back; an
# update moves to another report.
DELIVERIES: list[tuple[str, Rows]] = [
    ("victim_support_events", [support("VS-90000001", "offered", "2026-10-03T10:00:00Z", "2026-10-03T10:00:00Z")]),
    ("hub_activity", [work("HA-90000001", "TV-90000001", "victim_acknowledgement", "2026-10-02T09:00:00Z")]),
    ("true_vision_reports", [report("TV-90000001", "2026-10-01T23:30:00+01:00", **VICTIM)]),
    (
        "victim_support_events",
        [
            support(
                "VS-90000002", "contacted", "2026-10-06T10:00:00Z", "2026-10-08T10:00:00Z", report_ref="TV-90000001"
            ),
            support(
                "VS-90000003", "referred", "2026-10-05T10:00:00Z", "2026-10-05T10:00:00Z", report_ref="TV-90000009"
            ),
        ],
    ),
    (
        "hub_activity",
        [work("HA-90000002", "TV-90000001", "victim_update", "2026-10-07T09:00:00Z", detail_code="charge")],
    ),
    ("police_hate_crimes", [crime("18", "2026-10-04", "2026-10-05T09:00:00+00:00")]),
    (
        "victim_support_events",
        [support("VS-90000002", "closed", "2026-10-06T10:00:00Z", "2026-10-07T10:00:00Z", report_ref="TV-90000001")],
    ),
    ("police_hate_crimes", [crime("1", "2026-10-09", "2026-10-10T09:00:00+00:00")]),
    (
        "true_vision_reports",
        [
            report("TV-90000002", "2026-10-04T10:00:00+00:00"),
            report("TV-90000001", "2026-10-02T00:30:00+01:00", **VICTIM),
        ],
    ),
    (
        "hub_activity",
        [
            work(
                "HA-90000002",
                "TV-90000002",
                "victim_update",
                "2026-10-07T09:00:00Z",
                detail_code="charge",
                changed_at="2026-10-09T09:00:00Z",
            )
        ],
    ),
    ("police_hate_crimes", [crime("0", "2026-10-11", "2026-10-12T09:00:00+00:00")]),
]


FEEDS = ("true_vision_reports", "victim_support_events", "hub_activity")


def put(engine: sa.Engine, catalogue: Catalogue, deliveries: list[tuple[int, tuple[str, Rows]]]) -> None:
    """Each delivery is received on the day of its number, whenever it is put in."""
    for day, (feed, rows) in deliveries:
        delivery = put_delivery(engine, catalogue.contracts[feed], *rows)
        with engine.begin() as connection:
            connection.execute(
                sa.text("update ledger.deliveries set received_at = :at where delivery_id = :delivery"),
                {"at": FIRST_DAY + timedelta(days=day), "delivery": delivery},
            )


def journeys(engine: sa.Engine, relation: str, condition: str) -> list[Any]:
    columns = ", ".join(f"{step}_at" for step in STEPS)
    query = f"""
        select incident_id, state, last_outcome_code, count_events, count_reports, {columns}
        from marts.{relation} where {condition} and incident_id in (
            select incident_id from marts.fct_reports where report_ref ~ '900000|900001')
        order by incident_id
    """
    return fetch(engine, query)


@pytest.mark.long
def test_a_journey_as_known_on_a_day_is_what_a_build_of_that_day_would_have_told(
    copy_built: Callable[[], Settings], catalogue: Catalogue
) -> None:
    numbered = list(enumerate(DELIVERIES))
    whole = copy_built()
    put(open_warehouse(whole, Role.OWNER), catalogue, numbered[::-1])
    build_warehouse(whole)
    states = set()
    for day in KNOWN_DAYS:
        at_that_day = copy_built()
        put(open_warehouse(at_that_day, Role.OWNER), catalogue, numbered[: day + 1])
        build_warehouse(at_that_day)
        moment = f"timestamptz '{FIRST_DAY + timedelta(days=day, hours=1)}'"
        known = f"valid_from <= {moment} and (valid_to is null or valid_to > {moment})"
        then = journeys(open_warehouse(at_that_day, Role.OWNER), "fct_victim_journeys", "true")
        assert journeys(open_warehouse(whole, Role.OWNER), "fct_victim_journey_versions", known) == then, day
        states.add(tuple(then))
    assert len(states) == len(KNOWN_DAYS), "each of the days must have brought something"


@pytest.mark.long
def test_journeys_are_the_same_step_by_step_and_from_nothing(
    copy_built: Callable[[], Settings], catalogue: Catalogue
) -> None:
    settings = copy_built()
    engine = open_warehouse(settings, Role.OWNER)
    numbered = list(enumerate(DELIVERIES))
    for part in itertools.batched(numbered[::-1], 3):
        put(engine, catalogue, list(part))
        assert not build_warehouse(settings).is_full
    step_by_step = contents(engine, "marts", "intermediate", "candidate", without=OF_BUILDS)
    build_warehouse(settings, full_refresh=True)
    at_once = contents(engine, "marts", "intermediate", "candidate", without=OF_BUILDS)
    found = differing(step_by_step, at_once)
    assert {name: rows for name, rows in found.items() if "int_affected_" not in name} == {}


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_an_event_without_an_incident_is_listed_with_its_reason(
    copy_built: Callable[[], Settings], catalogue: Catalogue
) -> None:
    settings = copy_built()
    engine = open_warehouse(settings, Role.OWNER)
    put(engine, catalogue, list(enumerate(DELIVERIES[:2])))
    build_warehouse(settings, select=way_of(FEEDS, "fct_unmatched_journey_events"))
    reasons = "select event_ref, reason from marts.fct_unmatched_journey_events where event_ref ~ '9000000' order by 1"
    assert fetch(engine, reasons) == [("HA-90000001", "reference_unknown"), ("VS-90000001", "client_unknown")]
    put(engine, catalogue, [(index, DELIVERIES[index]) for index in (2, 3)])
    build_warehouse(settings, select=way_of(FEEDS, "fct_unmatched_journey_events"))
    # The client's other event has named a report that is there, so that this is the client's incident.
    assert fetch(engine, reasons) == []


@pytest.mark.usefixtures("without_data_tests")
def test_events_of_senders_that_number_alike_are_all_on_the_journey(
    copy_built: Callable[[], Settings], catalogue: Catalogue
) -> None:
    settings = copy_built()
    engine = open_warehouse(settings, Role.OWNER)
    of_galop = support("VS-90000005", "contacted", AT, AT, report_ref="TV-90000001")
    of_forces = [outcome(force, "FR-900005", "1") for force in ("E23000001", "BTP")]
    deliveries: list[tuple[str, Rows]] = [
        ("true_vision_reports", [report("TV-90000001", "2026-10-01T23:30:00+01:00", **VICTIM)]),
        ("victim_support_events", [of_galop, {**of_galop, "service_code": "catch", "kind": "referred"}]),
        *(("force_responses", [one]) for one in of_forces),
        # Each corrects what it said itself.
        ("victim_support_events", [{**of_galop, "kind": "engaged"}]),
        ("force_responses", [outcome("BTP", "FR-900005", "18")]),
    ]
    put(engine, catalogue, list(enumerate(deliveries)))
    build_warehouse(settings, select=way_of((*FEEDS, "force_responses"), "fct_journey_events"))
    found = "select event_kind, event_detail from marts.fct_journey_events where event_ref ~ '-90+5$' order by 1, 2"
    assert fetch(engine, found) == [
        ("engaged", None),
        ("police_outcome", "1"),
        ("police_outcome", "18"),
        ("referred", None),
    ]


def test_no_event_of_a_journey_has_lost_its_way_back(built: Any) -> None:
    engine = open_warehouse(built.settings, Role.OWNER)
    query = """
        select e.feed, count(*), count(*) filter (where d.feed = e.feed) from marts.fct_journey_events e
        left join marts.fct_deliveries d using (delivery_id) group by 1 order by 1
    """
    rows = fetch(engine, query)
    assert {feed for feed, _, _ in rows} >= {"true_vision_reports", "police_hate_crimes", "hub_activity"}
    assert all(count == found for _, count, found in rows)
    assert isinstance(fetch(engine, "select journey_id from marts.fct_victim_journeys limit 1")[0], uuid.UUID)
