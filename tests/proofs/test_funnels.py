"""A hub of which nothing is known yet, and two published funnels, reproduced in it from delivered files alone: what was
reported, what became of it, and that nothing falls between the steps."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from contracts.samples import FEEDS
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.publish import publish
from hub.settings import Settings
from models.rows import fetch
from proofs.funnels import csv_file, deliver, json_lines, report, responses_file, work

EURO_2020 = datetime(2021, 7, 12, 8, 0, tzinfo=UTC)
REPORTS, CRIMINAL, ABROAD, UK, AWAITING, ARRESTS = 612, 207, 123, 34, 50, 11
IN_2021 = "'2021-07-01' and '2021-12-01'"
APRIL_2017 = datetime(2017, 4, 1, 12, 0, tzinfo=UTC)
TO_2019 = "'2017-04-01' and '2020-03-01'"
FIRST_LOGGED = 10_001
LOGGED, CHARGED, OTHER_POSITIVE, CLOSED = 1851, 17, 59, 1500


def months_after(start: datetime, count: int) -> datetime:
    year, month = divmod(start.month - 1 + count, 12)
    return start.replace(year=start.year + year, month=month + 1)


def measure(engine: sa.Engine, span: str, code: str, dimension: str = "all") -> int:
    """Sum of a measure's numerators over all months of a span and all codes of a cut."""
    query = f"""
        select coalesce(sum(numerator), 0)::int from marts.fct_measures
        where measure_code = '{code}' and dimension = '{dimension}' and month between {span}
    """
    [total] = fetch(engine, query)
    return int(total)


@pytest.mark.long
def test_an_empty_hub_publishes_and_what_comes_next_makes_both_funnels_with_nothing_between_their_steps(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    check_an_empty_hub(settings, engine)
    deliver_euro_2020(settings, engine, catalogue)
    deliver_april_2017_to_december_2019(settings, engine, catalogue)
    assert not build_warehouse(settings).is_full
    check_euro_2020(engine)
    check_april_2017_to_december_2019(engine)


def check_an_empty_hub(settings: Settings, engine: sa.Engine) -> None:
    result = build_warehouse(settings)
    assert result.is_full
    assert {node.status for node in result.nodes} <= {"success", "pass"}
    published = publish(settings, engine)
    assert published.row_counts["freshness_v1"] == len(FEEDS)
    assert published.row_counts["incidents_v1"] == 0
    assert published.data_as_of is None
    assert fetch(engine, "select feed from publish.freshness_v1 order by feed") == FEEDS


def deliver_euro_2020(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> None:
    contracts = catalogue.contracts
    reports = [report(number, EURO_2020 + timedelta(minutes=number)) for number in range(1, REPORTS + 1)]
    triage = [
        work(
            number,
            number,
            EURO_2020 + timedelta(days=1),
            "triage",
            decision="crime" if number <= CRIMINAL else "not_police_matter",
        )
        for number in range(1, REPORTS + 1)
    ]
    told = [
        work(REPORTS + number, ABROAD + number, EURO_2020 + timedelta(days=20), "victim_update", detail_code="arrest")
        for number in range(1, ARRESTS + 1)
    ]
    answers = [
        {
            "response_ref": f"PR-{number:08d}",
            "provider_code": "x",
            "report_ref": f"TV-{number:08d}",
            "referral_route": "law_enforcement_portal",
            "kind": "information_provided",
            "happened_at": (EURO_2020 + timedelta(days=9)).isoformat(),
            **(
                {"suspect_country_code": "ES"}
                if number <= ABROAD
                else {"suspect_country_code": "GB", "suspect_force_code": "E23000001"}
            ),
        }
        for number in range(1, ABROAD + UK + 1)
    ]
    deliver(settings, engine, catalogue, "provider_responses", json_lines(answers), "providers.jsonl", len(answers))
    deliver(
        settings,
        engine,
        catalogue,
        "hub_activity",
        csv_file(contracts["hub_activity"], [*triage, *told]),
        "hub.csv",
        REPORTS + ARRESTS,
    )
    deliver(
        settings,
        engine,
        catalogue,
        "true_vision_reports",
        csv_file(contracts["true_vision_reports"], reports),
        "reports.csv",
        REPORTS,
    )


def check_euro_2020(engine: sa.Engine) -> None:
    assert measure(engine, IN_2021, "incidents") == REPORTS
    assert measure(engine, IN_2021, "criminal_incidents") == CRIMINAL
    steps = [measure(engine, IN_2021, f"criminal_{step}") for step in ("abroad", "uk", "awaiting_provider")]
    assert steps == [ABROAD, UK, AWAITING]
    assert sum(steps) == CRIMINAL
    assert measure(engine, IN_2021, "incidents_with_arrest") == ARRESTS
    funnel = f"""
        select funnel, count(*)::int from marts.fct_incident_measures
        where month between {IN_2021} group by 1 order by 1
    """
    assert dict(fetch(engine, funnel)) == {
        "abroad": ABROAD,
        "awaiting_provider": AWAITING,
        "not_criminal": REPORTS - CRIMINAL,
        "uk": UK,
    }
    for dimension in ("force", "provider", "source"):
        assert measure(engine, IN_2021, "criminal_incidents", dimension) == CRIMINAL
    lost = "select count(*)::int from marts.fct_reports where incident_id not in (select incident_id from {})"
    for mart in ("marts.fct_incident_measures", "marts.fct_victim_journeys"):
        assert fetch(engine, lost.format(mart)) == [0]


def deliver_april_2017_to_december_2019(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> None:
    days = [months_after(APRIL_2017, number % 33) for number in range(LOGGED)]
    contracts = catalogue.contracts
    reports = [report(number, at) for number, at in enumerate(days, start=FIRST_LOGGED)]
    other_codes = ["2", "3", "8", "22", "harassment_warning", "youth_referral", "apology"]
    codes = ["1"] * CHARGED
    codes += [other_codes[number % len(other_codes)] for number in range(OTHER_POSITIVE)]
    codes += ["18" if number % 2 else "14" for number in range(CLOSED - CHARGED - OTHER_POSITIVE)]
    answers = [
        {
            "response_ref": f"FR-{number:08d}",
            "force_code": "E23000001",
            "allocation_ref": f"AL-{number:08d}",
            "incident_ref": f"TV-{number:08d}",
            "kind": "outcome",
            "happened_at": (at + timedelta(days=40)).isoformat(),
            "outcome_code": code,
        }
        for number, (code, at) in enumerate(zip(codes, days, strict=False), start=FIRST_LOGGED)
    ]
    deliver(
        settings,
        engine,
        catalogue,
        "true_vision_reports",
        csv_file(contracts["true_vision_reports"], reports),
        "reports.csv",
        LOGGED,
    )
    deliver(settings, engine, catalogue, "force_responses", responses_file(answers), "force.xml", CLOSED)


def check_april_2017_to_december_2019(engine: sa.Engine) -> None:
    assert measure(engine, TO_2019, "criminal_incidents") == LOGGED
    assert measure(engine, TO_2019, "charged_of_recorded") == CHARGED
    assert measure(engine, TO_2019, "other_positive_of_recorded") == OTHER_POSITIVE
    rates = f"""
        select outcome_base, round(100 * sum(numerator) / sum(denominator), 2), sum(denominator)::int,
               count(distinct month)::int
        from marts.fct_measures where measure_code in ('charged_of_recorded', 'charged_of_closed')
             and dimension = 'all' and month between {TO_2019} group by 1 order by 1
    """
    closed, recorded = fetch(engine, rates)
    assert (str(recorded[1]), recorded[2:]) == ("0.92", (LOGGED, 33))
    assert (str(closed[1]), closed[2]) == ("1.13", CLOSED)
    assert (
        measure(engine, TO_2019, "charged_of_closed") + measure(engine, TO_2019, "other_positive_of_closed")
        == CHARGED + OTHER_POSITIVE
    )
    for dimension in ("force", "provider", "source"):
        assert measure(engine, TO_2019, "charged_of_recorded", dimension) == CHARGED
