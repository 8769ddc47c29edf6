"""Two published funnels, reproduced from delivered files alone: what was reported, what became of it, and that nothing
falls between the steps."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from hub.contracts import Catalogue
from hub.settings import Settings
from hub.warehouse_build import build_warehouse
from proofs.funnels import csv_file, deliver, json_lines, report, responses_file, work
from warehouse.rows import fetch

EURO_2020 = datetime(2021, 7, 12, 8, 0, tzinfo=UTC)
REPORTS, CRIMINAL, ABROAD, UK, AWAITING, ARRESTS = 612, 207, 123, 34, 50, 11
APRIL_2017 = datetime(2017, 4, 1, 12, 0, tzinfo=UTC)
LOGGED, CHARGED, OTHER_POSITIVE, CLOSED = 1851, 17, 59, 1500


def months_after(start: datetime, count: int) -> datetime:
    year, month = divmod(start.month - 1 + count, 12)
    return start.replace(year=start.year + year, month=month + 1)


def measure(engine: sa.Engine, code: str, dimension: str = "all") -> int:
    """Sum of a measure's numerators over all months and codes of a cut."""
    query = f"""
        select coalesce(sum(numerator), 0)::int from marts.fct_measures
        where measure_code = '{code}' and dimension = '{dimension}'
    """
    [total] = fetch(engine, query)
    return int(total)


def test_the_funnel_of_euro_2020(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> None:
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
    build_warehouse(settings)

    assert measure(engine, "incidents") == REPORTS
    assert measure(engine, "criminal_incidents") == CRIMINAL
    steps = [measure(engine, f"criminal_{step}") for step in ("abroad", "uk", "awaiting_provider")]
    assert steps == [ABROAD, UK, AWAITING]
    assert sum(steps) == CRIMINAL
    assert measure(engine, "incidents_with_arrest") == ARRESTS
    funnel = "select funnel, count(*)::int from marts.fct_incident_measures group by 1 order by 1"
    assert dict(fetch(engine, funnel)) == {
        "abroad": ABROAD,
        "awaiting_provider": AWAITING,
        "not_criminal": REPORTS - CRIMINAL,
        "uk": UK,
    }
    for dimension in ("force", "provider", "source"):
        assert measure(engine, "criminal_incidents", dimension) == CRIMINAL
    lost = "select count(*)::int from marts.fct_reports where incident_id not in (select incident_id from {})"
    for mart in ("marts.fct_incident_measures", "marts.fct_victim_journeys"):
        assert fetch(engine, lost.format(mart)) == [0]


def test_the_funnel_of_april_2017_to_december_2019(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> None:
    days = [months_after(APRIL_2017, number % 33) for number in range(LOGGED)]
    contracts = catalogue.contracts
    reports = [report(number, at) for number, at in enumerate(days, start=1)]
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
            "happened_at": (days[number - 1] + timedelta(days=40)).isoformat(),
            "outcome_code": code,
        }
        for number, code in enumerate(codes, start=1)
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
    build_warehouse(settings)

    assert measure(engine, "criminal_incidents") == LOGGED
    assert measure(engine, "charged_of_recorded") == CHARGED
    assert measure(engine, "other_positive_of_recorded") == OTHER_POSITIVE
    rates = """
        select outcome_base, round(100 * sum(numerator) / sum(denominator), 2), sum(denominator)::int,
               count(distinct month)::int
        from marts.fct_measures where measure_code in ('charged_of_recorded', 'charged_of_closed')
             and dimension = 'all' group by 1 order by 1
    """
    closed, recorded = fetch(engine, rates)
    assert (str(recorded[1]), recorded[2:]) == ("0.92", (LOGGED, 33))
    assert (str(closed[1]), closed[2]) == ("1.13", CLOSED)
    assert (
        measure(engine, "charged_of_closed") + measure(engine, "other_positive_of_closed") == CHARGED + OTHER_POSITIVE
    )
    for dimension in ("force", "provider", "source"):
        assert measure(engine, "charged_of_recorded", dimension) == CHARGED
