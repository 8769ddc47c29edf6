"""The rebuild law: what builds leave that took in one delivery after the other is what a build from nothing leaves."""

import dataclasses
import shutil
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.build import BuildFailed, builds, code_hash
from hub.build.warehouse_build import begin_build, build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, put_delivery, put_files
from models.tables import OF_BUILDS, contents, differing

DAY = Plan(reports=120, days=1, seed=20_160_401)
DAYS = Plan(reports=120, days=12, seed=20_160_402)


pytestmark = pytest.mark.usefixtures("without_data_tests")


def simulated(plan: Plan, deliveries: Path) -> dict[str, list[Path]]:
    """Simulated deliveries by feed, in the order of their names."""
    simulate(plan, deliveries)
    return {folder.name: sorted(folder.iterdir()) for folder in deliveries.iterdir() if folder.name != "truth"}


def differing_from_a_build_from_nothing(settings: Settings, engine: sa.Engine) -> dict[str, list[str]]:
    """What is there, beside what a build from nothing leaves. What is affected says what a build found to do again, and
    the last digit of a sum of floating-point numbers rests on the order of the rows."""
    step_by_step = contents(engine, "marts", "intermediate", "candidate", without=OF_BUILDS)
    assert build_warehouse(settings, full_refresh=True).is_full
    at_once = contents(engine, "marts", "intermediate", "candidate", without=OF_BUILDS)
    assert at_once["marts.fct_reports"]
    return {
        name: rows
        for name, rows in differing(step_by_step, at_once).items()
        if not name.startswith(("intermediate.int_affected_", "intermediate.int_hotspots__f"))
    }


def test_a_day_gives_what_a_build_from_nothing_gives_also_after_a_build_that_stopped(
    warehouse: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    for feed, paths in simulated(DAY, tmp_path / "deliveries").items():
        put_files(warehouse, catalogue.contracts[feed], paths)
    put_delivery(engine, catalogue.contracts["community_reports"], _case("CR/1/26", "2026-10-03T10:00:00+00:00"))
    put_delivery(engine, catalogue.contracts["victim_support_events"], CONTACT)
    put_delivery(engine, catalogue.contracts["victim_surveys"], _answer("start"), _answer("end"))
    built = fetch(engine, COUNT_BUILT)
    stop_in(warehouse, engine, "marts.fct_victim_clock_times")
    assert fetch(engine, COUNT_BUILT) == built
    assert fetch(engine, BASIS_OF_CONTACT) == ["crime_reference"]
    assert fetch(engine, RESPONDENT) == ["P-7700"]
    # The case turns out to be about another crime: what named the first leads to it no longer; and somebody else gave
    # the answer at the end.
    put_delivery(engine, catalogue.contracts["community_reports"], _case("CR/2/26", "2026-10-03T10:00:01+00:00"))
    corrected = _answer("end") | {"respondent_ref": "P-7701", "changed_at": "2026-10-09T10:00:00Z"}
    put_delivery(engine, catalogue.contracts["victim_surveys"], corrected)
    result = build_warehouse(warehouse)
    assert not result.is_full
    assert {node.kind for node in result.nodes} == {"model"}
    assert fetch(engine, "select count(*) from ledger.deliveries where status = 'loaded'") == fetch(engine, COUNT_BUILT)
    assert fetch(engine, BASIS_OF_CONTACT) == []
    assert fetch(engine, RESPONDENT) == []
    assert differing_from_a_build_from_nothing(warehouse, engine) == {}


def stop_in(settings: Settings, engine: sa.Engine, *tables: str) -> None:
    """A build that fails at these tables, after it has changed others."""
    with engine.begin() as connection:
        for table in tables:
            connection.execute(sa.text(f"alter table {table} add constraint stop check (false) not valid"))
    with pytest.raises(BuildFailed, match="stop"):
        build_warehouse(settings)
    with engine.begin() as connection:
        for table in tables:
            connection.execute(sa.text(f"alter table {table} drop constraint stop"))


COUNT_BUILT = "select count(*) from ledger.built_deliveries"
CONTACT: dict[str, object] = {
    "event_ref": "VS-77000001",
    "service_code": "victim_support",
    "client_ref": "C-77",
    "crime_reference": "CR/1/26",
    "kind": "contacted",
    "happened_at": "2026-10-05T10:00:00+01:00",
    "recorded_at": "2026-10-05T10:20:00+01:00",
}
RESPONDENT = "select respondent_ref from marts.fct_survey_changes where respondent_ref in ('P-7700', 'P-7701')"
BASIS_OF_CONTACT = "select match_basis from marts.fct_journey_events where event_ref = 'VS-77000001'"


def _answer(wave: str) -> dict[str, object]:
    return {
        "answer_ref": f"SV-7700000{1 if wave == 'start' else 2}",
        "respondent_ref": "P-7700",
        "report_ref": "TV-77000001",
        "wave": wave,
        "question_code": "confidence_in_police",
        "answer": "2" if wave == "start" else "4",
        "answered_on": "2026-10-06" if wave == "start" else "2026-10-08",
    }


def _case(crime_reference: str, reported_at: str) -> dict[str, object]:
    consents = ("share_police", "share_anonymised", "refer_support", "contact")
    return {
        "body_code": "galop",
        "case_ref": "GAL-77000001",
        "reported_at": reported_at,
        "strands": '["race"]',
        "description_token": "t1:d",
        "crime_reference": crime_reference,
        **{f"consent_{purpose}": "true" for purpose in consents},
    }


@pytest.mark.long
def test_a_delivery_after_the_other_gives_what_a_build_from_nothing_gives(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    prepare_warehouse(engine, catalogue.contracts.values())
    files = simulated(DAYS, tmp_path / "deliveries")
    for part in range(3):
        for feed, paths in files.items():
            put_files(settings, catalogue.contracts[feed], paths[part::3])
        assert build_warehouse(settings).is_full == (part == 0)
    assert differing_from_a_build_from_nothing(settings, engine) == {}


STOPS = (
    ("intermediate.int_incidents",),
    ("intermediate.int_allocation_plan", "marts.fct_journey_event_versions"),
    ("marts.fct_incident_measures", "marts.fct_victim_clock_times"),
)


@pytest.mark.long
def test_what_a_build_that_stopped_had_changed_the_next_one_builds_on(
    warehouse: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    for feed, paths in simulated(DAY, tmp_path / "deliveries").items():
        put_files(warehouse, catalogue.contracts[feed], paths)
    for tables in STOPS:
        stop_in(warehouse, engine, *tables)
    assert not build_warehouse(warehouse).is_full
    assert differing_from_a_build_from_nothing(warehouse, engine) == {}


def _triage(report_ref: str, changed_at: str) -> dict[str, object]:
    return {
        "activity_ref": "HA-77000001",
        "report_ref": report_ref,
        "role": "detective_constable",
        "activity": "triage",
        "decision": "nchi",
        "started_at": "2026-11-03T11:00:00+00:00",
        "hours": "0.5",
        "changed_at": changed_at,
    }


@pytest.mark.long
def test_a_decision_that_was_corrected_in_a_build_that_stopped_leaves_the_incident_it_was_about(
    warehouse: Settings, catalogue: Catalogue
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    contract = catalogue.contracts["hub_activity"]
    first, second = fetch(engine, "select report_ref from marts.fct_reports where body_code <> 'police' limit 2")
    put_delivery(engine, contract, _triage(str(first), "2026-11-03T11:00:00+00:00"))
    build_warehouse(warehouse)
    put_delivery(engine, contract, _triage(str(second), "2026-11-03T12:00:00+00:00"))
    stop_in(warehouse, engine, "intermediate.int_incidents__triage")
    assert not build_warehouse(warehouse).is_full
    assert differing_from_a_build_from_nothing(warehouse, engine) == {}


def take_back(engine: sa.Engine, feed: str) -> None:
    """A delivery that was built is loaded no longer."""
    [delivery] = fetch(engine, f"select delivery_id from ledger.deliveries where feed = '{feed}'")
    assert isinstance(delivery, uuid.UUID)
    with engine.begin() as connection:
        connection.execute(
            sa.text("update ledger.deliveries set status = 'held' where delivery_id = :delivery"),
            {"delivery": delivery},
        )


def test_a_delivery_that_is_loaded_no_longer_makes_the_next_build_start_from_nothing(
    warehouse: Settings,
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    code = code_hash(warehouse.dbt_project)
    assert not builds.must_start_from_nothing(engine, code)
    take_back(engine, "true_vision_reports")
    assert builds.must_start_from_nothing(engine, code)


@pytest.mark.long
def test_a_delivery_that_is_loaded_no_longer_leaves_no_trace(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    take_back(engine, "true_vision_reports")
    assert build_warehouse(warehouse).is_full
    assert fetch(engine, "select count(*) from marts.fct_reports where feed = 'true_vision_reports'") == [0]


def test_code_lists_are_loaded_only_when_one_has_changed_or_is_missing(warehouse: Settings, tmp_path: Path) -> None:
    begun, _ = begin_build(warehouse, full_refresh=True)
    assert begun.is_full
    assert not begun.loads_seeds
    project = tmp_path / "project"
    shutil.copytree(warehouse.project / "expectations", project / "expectations")
    shutil.copytree(warehouse.dbt_project, project / "dbt_project")
    with (project / "dbt_project" / "seeds" / "platforms.csv").open("a") as platforms:
        platforms.write("\n")
    changed, _ = begin_build(dataclasses.replace(warehouse, project=project))
    assert changed.loads_seeds
    with open_warehouse(warehouse, Role.OWNER).begin() as connection:
        connection.execute(sa.text("drop table reference.evidence_ladder cascade"))
    missing, _ = begin_build(warehouse)
    assert missing.loads_seeds
