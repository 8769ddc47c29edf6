"""Simulated deliveries are what their truth says: the same for the same seed, and caught where they are dirt."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.cli.feed import rules_of
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.readers.assemble import ROW_REASONS
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from simulate.delivered import REPORT_FEEDS, Record, digests, truth_of

PLAN = Plan(reports=4000, days=2, seed=11, end=date(2026, 10, 26))
"""Its days lie on both sides of the end of summer time."""


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    simulate(PLAN, folder)
    return folder


@pytest.fixture(scope="module")
def truth(simulated: Path) -> list[Record]:
    return truth_of(simulated)


def test_the_same_seed_gives_the_same_bytes(simulated: Path, tmp_path: Path) -> None:
    simulate(PLAN, tmp_path)
    assert digests(tmp_path) == digests(simulated)


def test_another_seed_gives_other_records(simulated: Path, tmp_path: Path) -> None:
    simulate(Plan(PLAN.reports, PLAN.days, PLAN.seed + 1, PLAN.end), tmp_path)
    same = {name for name, digest in digests(tmp_path).items() if digests(simulated).get(name) == digest}
    assert same == set()


def test_every_feed_delivers_and_truth_knows_every_file(
    simulated: Path, truth: list[Record], catalogue: Catalogue
) -> None:
    files = {(path.parent.name, path.name) for path in simulated.glob("*/*") if path.parent.name != "truth"}
    assert {feed for feed, _ in files} == set(catalogue.contracts)
    assert {(record.feed, record.file_name) for record in truth} == files


def test_files_are_named_as_their_contract_says(truth: list[Record], catalogue: Catalogue) -> None:
    for feed, name in {(record.feed, record.file_name) for record in truth}:
        pattern = catalogue.contracts[feed].file_name_pattern
        assert pattern is not None
        assert pattern.match(name), name


def test_records_of_a_file_are_numbered_without_a_gap(truth: list[Record]) -> None:
    numbers: dict[tuple[str, str], list[int]] = {}
    for record in truth:
        numbers.setdefault((record.feed, record.file_name), []).append(record.row_number)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_every_planted_rule_is_one_that_the_contract_has(truth: list[Record], catalogue: Catalogue) -> None:
    planted = {(record.feed, record.expected_rule) for record in truth if record.expected_rule}
    for feed, rule in planted:
        assert rule in rules_of(catalogue.contracts[feed]) | set(ROW_REASONS), rule
    assert {feed for feed, _ in planted} == set(catalogue.contracts)


def test_about_one_record_in_two_hundred_is_dirt(truth: list[Record]) -> None:
    share = sum(1 for record in truth if record.expected_rule) / len(truth)
    assert 0.003 < share < 0.008


def test_reports_are_as_many_as_were_asked_for(truth: list[Record]) -> None:
    reports = [record for record in truth if record.feed in REPORT_FEEDS]
    told = {record.incident_id for record in reports}
    # Of some incidents the hub knows from a force's record alone.
    recorded = {record.incident_id for record in truth if record.feed == "police_hate_crimes"} - told
    assert len(recorded) > 20
    # Some come once more, letter by letter or corrected.
    assert PLAN.reports < len(reports) + len(recorded) < PLAN.reports * 1.01


def test_incidents_have_several_reports_at_most_one_victim_and_one_force(truth: list[Record]) -> None:
    reports = [record for record in truth if record.feed in REPORT_FEEDS]
    per_incident = Counter(record.incident_id for record in reports)
    assert "" not in per_incident
    assert max(per_incident.values()) > 10
    owners = {(record.incident_id, record.force_code) for record in reports}
    assert len(owners) == len(per_incident)
    victims = {(record.incident_id, record.victim_person_id) for record in reports if record.victim_person_id}
    assert len(victims) == len({incident for incident, _ in victims}) > len(per_incident) / 2
    assert {"ABROAD", ""} < {force for _, force in owners}


def test_forces_answer_about_incidents_that_were_reported(truth: list[Record]) -> None:
    reported = {record.incident_id for record in truth if record.feed in REPORT_FEEDS}
    answered = {record.incident_id for record in truth if record.feed == "force_responses"}
    assert answered
    assert answered <= reported


@pytest.mark.parametrize("plan", [Plan(1, 1, 1), Plan(7, 1, 2), Plan(60, 3, 3), Plan(500, 40, 4)])
def test_small_and_long_plans_are_written_too(plan: Plan, tmp_path: Path, catalogue: Catalogue) -> None:
    written = {feed.feed: feed for feed in simulate(plan, tmp_path)}
    reports = sum(written[feed].count_records for feed in (*REPORT_FEEDS, "police_hate_crimes"))
    assert reports >= plan.reports
    assert written["provider_statements"].count_files == plan.days
    assert set(written) == set(catalogue.contracts)
    assert written["police_uk_street"].count_files == len(plan.months)
    assert len(truth_of(tmp_path)) == sum(feed.count_records for feed in written.values())


@pytest.mark.long
def test_quarantine_holds_exactly_the_dirt_that_was_planted(
    simulated: Path, truth: list[Record], catalogue: Catalogue, settings: Settings, engine: sa.Engine
) -> None:
    for feed, contract in catalogue.contracts.items():
        for receipt in collect_files(settings, engine, contract, sorted((simulated / feed).iterdir())):
            result = ingest_delivery(settings, engine, contract, receipt.delivery_id)
            assert result.status is DeliveryStatus.LOADED, result

    with engine.connect() as connection:
        found = connection.execute(
            sa.text(
                "select feed, file_name, row_number, rule from quarantine.rows join ledger.deliveries"
                " using (delivery_id, feed)"
            )
        ).all()
        totals = connection.execute(sa.text("select sum(rows_read), sum(rows_duplicate) from ledger.deliveries")).one()
    planted = {
        (record.feed, record.file_name, record.row_number, record.expected_rule)
        for record in truth
        if record.expected_rule
    }
    assert {tuple(row) for row in found} == planted
    assert len(found) == len(planted)
    assert totals[0] == len(truth)
    # Reports that came again letter by letter; those that came corrected are records of their own.
    assert 0 < totals[1] < PLAN.reports * 0.006
