"""Published figures reproduced from crafted deliveries, drafts of rules, and lists of what nobody answered."""

import csv
import dataclasses
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.build import BuildFailed
from hub.build.allocation_trial import RulesRefused, try_rules
from hub.build.warehouse_build import build_warehouse
from hub.cli.allocations import write_moves
from hub.contracts.model import read_catalogue
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, put_delivery, way_of
from models.tables import contents
from models.test_build import report, response

Deliver = Callable[..., uuid.UUID]
Row = dict[str, object]
LONDON = "E23000001"
ANSWERED = ("true_vision_reports", "force_responses")


def references(first: int, count: int) -> Iterator[str]:
    return (f"TV-{number:08d}" for number in range(first, first + count))


def told(number: int, reference: str, country: str) -> Row:
    """A provider says where a suspect is."""
    return {
        "response_ref": f"PR-{number:08d}",
        "provider_code": "x",
        "report_ref": reference,
        "referral_route": "law_enforcement_portal",
        "kind": "information_provided",
        "happened_at": "2021-07-20T10:00:00+00:00",
        "suspect_country_code": country,
        "suspect_force_code": LONDON if country == "GB" else None,
    }


def triaged(number: int, reference: str, decision: str) -> Row:
    return {
        "activity_ref": f"HA-{number:08d}",
        "report_ref": reference,
        "role": "detective_constable",
        "activity": "triage",
        "decision": decision,
        "started_at": "2021-07-13T09:00:00+01:00",
        "hours": "0.2",
    }


def online(reference: str, reported_at: str, **changes: object) -> Row:
    return report(reference, reported_at=reported_at, is_online="yes", platform="x", **changes)


@pytest.mark.long
def test_the_funnel_of_euro_2020_adds_up(warehouse: Settings, deliver: Deliver) -> None:
    """600 and more reports, 207 of them criminal: 123 abroad, 34 in the United Kingdom, 50 awaiting the provider."""
    abroad, here = list(references(91_000_000, 123)), list(references(91_001_000, 34))
    waiting, no_crime = list(references(91_002_000, 50)), list(references(91_003_000, 400))
    everything = [*abroad, *here, *waiting, *no_crime]
    deliver("true_vision_reports", *(online(one, "2021-07-12T01:00:00+01:00") for one in everything))
    countries = [*((one, "BR") for one in abroad), *((one, "GB") for one in here)]
    deliver("provider_responses", *(told(n, one, country) for n, (one, country) in enumerate(countries, 91_000_000)))
    deliver("hub_activity", *(triaged(n, one, "nchi") for n, one in enumerate(no_crime, 91_000_000)))
    build_warehouse(warehouse)
    engine = open_warehouse(warehouse, Role.OWNER)
    ours = "first_report_ref between 'TV-91000000' and 'TV-91999999'"
    funnel = dict(fetch(engine, f"select funnel, count(*) from marts.fct_incidents where {ours} group by 1"))
    assert funnel == {"abroad": 123, "uk": 34, "awaiting_provider": 50, "not_criminal": 400}
    owners = fetch(
        engine,
        f"""select a.target_kind, a.target_code, count(*) from marts.fct_allocations a
            join marts.fct_incidents using (incident_id)
            where {ours} and a.is_current_owner group by 1, 2 order by 1""",
    )
    assert owners == [
        ("community_hub", "community_hub", 400),
        ("force", LONDON, 34),
        ("hub_desk", "hub_desk", 50),
        ("other_country", "ABROAD", 123),
    ]
    # The night of the final brought more than the hub can take on: those that have a place stay with their force.
    [day] = fetch(engine, "select count_incidents, count_capacity from marts.fct_hub_days where hub_day = '2021-07-12'")
    assert day == (607, 21)


@pytest.mark.long
def test_the_outcomes_of_2017_to_2019_are_counted_once(warehouse: Settings, deliver: Deliver) -> None:
    """1,851 incidents: 17 charged (0.92%), 59 other positive outcomes; type 0 is no outcome."""
    everything = list(references(92_000_000, 1851))
    deliver(
        "true_vision_reports",
        *(online(one, "2018-03-05T10:00:00+00:00", offence_postcode_district="N1") for one in everything),
    )
    codes = ["1"] * 17 + ["8"] * 40 + ["apology"] * 19 + ["18"] * 1500 + ["0"] * 275
    closed = [
        response(f"FR-9{n:05d}", incident_ref=one, kind="outcome", outcome_code=code, happened_at=f"2018-06-{day:02d}")
        for n, (one, code) in enumerate(zip(everything, codes, strict=True))
        for day in (4,)
    ]
    again = [dict(row, response_ref=f"FR-8{n:05d}", happened_at="2018-06-20") for n, row in enumerate(closed[:17])]
    deliver("force_responses", *closed, *again)
    build_warehouse(warehouse)
    score = fetch(
        open_warehouse(warehouse, Role.OWNER),
        f"""select count_received, count_outcomes, count_outcomes_charge, count_outcomes_positive, count_outcomes_hub,
                   round(100.0 * count_outcomes_charge / count_received, 2)::text
            from candidate.force_scorecard_v1 where force_code = '{LONDON}' and month = '2018-03-01'""",
    )
    assert score == [(1851, 1576, 17, 76, 19, "0.92")]


@pytest.mark.usefixtures("without_data_tests")
def test_an_answer_that_fits_nothing_is_on_a_list(warehouse: Settings, deliver: Deliver) -> None:
    deliver("true_vision_reports", report("TV-93000001", offence_postcode_district="EC2V"))
    deliver(
        "force_responses",
        response("FR-930001", incident_ref="TV-93000001", force_code="E23000034"),
        response("FR-930002", incident_ref="TV-93000001", force_code="BTP"),
        response("FR-930003", incident_ref="TV-93999999", force_code="BTP"),
    )
    build_warehouse(warehouse, select=way_of(ANSWERED, "fct_force_responses"))
    engine = open_warehouse(warehouse, Role.OWNER)
    found = "select match_state from marts.fct_force_responses where response_ref like 'FR-93%' order by response_ref"
    assert fetch(engine, found) == ["matched", "not_allocated_to_it", "no_such_report"]
    deliver("true_vision_reports", report("TV-93999999", force_named="BTP"))
    deliver("force_responses", response("FR-930002", incident_ref="TV-93999999", force_code="BTP", kind="accepted"))
    build_warehouse(warehouse, select=way_of(ANSWERED, "fct_force_responses"))
    assert fetch(engine, found) == ["matched", "matched", "matched"]


@pytest.mark.usefixtures("without_data_tests")
def test_two_senders_that_number_alike_each_keep_their_answer(warehouse: Settings, deliver: Deliver) -> None:
    deliver("true_vision_reports", report("TV-94000001", offence_postcode_district="N1"))
    deliver("force_responses", response("FR-940001", incident_ref="TV-94000001"))
    deliver("force_responses", response("FR-940001", incident_ref="TV-94000001", force_code="BTP"))
    provided = told(94_000_001, "TV-94000001", "BR")
    deliver("provider_responses", provided, dict(provided, provider_code="reddit"))
    # A correction by the same sender replaces its own answer alone.
    deliver("force_responses", response("FR-940001", incident_ref="TV-94000001", kind="accepted"))
    deliver("provider_responses", dict(provided, suspect_country_code="FR"))
    feeds = (*ANSWERED, "provider_responses")
    build_warehouse(warehouse, select=way_of(feeds, "fct_force_responses", "fct_provider_responses"))
    engine = open_warehouse(warehouse, Role.OWNER)
    of_forces = "select force_code, response_kind from marts.fct_force_responses where response_ref = 'FR-940001'"
    assert fetch(engine, f"{of_forces} order by 1") == [("BTP", "acknowledged"), (LONDON, "accepted")]
    of_providers = "select provider_code, suspect_country_code from marts.fct_provider_responses"
    assert fetch(engine, f"{of_providers} where response_ref = 'PR-94000001' order by 1") == [
        ("reddit", "BR"),
        ("x", "FR"),
    ]


PLAN = "select incident_id, duty, target_code, route from intermediate.int_allocation_plan"
ADOPTED = """
    update reference.allocation_rules set target_kind = 'no_further_action', owner_rule = 'nobody'
    where rule_id = 'unlocated'
"""


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_a_draft_of_the_rules_shows_what_it_would_move_and_moves_nothing(warehouse: Settings, tmp_path: Path) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    catalogue = read_catalogue(warehouse.expectations)
    put_delivery(engine, catalogue.contracts["true_vision_reports"], report("TV-90000001"))  # of no known place
    build_warehouse(warehouse, select=way_of(["true_vision_reports"], "int_allocation_plan"))
    seed = warehouse.dbt_project / "seeds" / "allocation_rules.csv"
    assert try_rules(warehouse, engine, seed).moves == ()
    draft = tmp_path / "draft.csv"
    draft.write_text(seed.read_text().replace(",hub_desk,unlocated,hub,", ",no_further_action,unlocated,nobody,"))
    before = contents(engine, "marts", "intermediate")
    trial = try_rules(warehouse, engine, draft)
    desk = "select count(*) from intermediate.int_allocation_plan where route = 'unlocated'"
    assert len(trial.moves) == fetch(engine, desk)[0] > 0
    assert set(trial.by_move()) == {("owner", "hub_desk by unlocated", "no_further_action by unlocated")}
    assert trial.count_unowned == 0
    assert contents(engine, "marts", "intermediate") == before
    write_moves(tmp_path / "moved.csv", trial)
    with (tmp_path / "moved.csv").open() as file:
        assert {row["incident_id"] for row in csv.DictReader(file)} == {str(move.incident_id) for move in trial.moves}
    # There is one implementation of the rules: what the draft would move, a build with it moves.
    planned = set(fetch(engine, PLAN))
    with engine.begin() as connection:
        connection.execute(sa.text(ADOPTED))
    build_warehouse(warehouse, select="int_allocation_plan", full_refresh=True)
    promised = {(move.incident_id, move.duty, move.target_after, move.route_after) for move in trial.moves}
    assert set(fetch(engine, PLAN)) - planned == promised


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_a_trial_says_what_the_next_build_does(warehouse: Settings, tmp_path: Path) -> None:
    """What the draft would move, a build with it as the project's code list moves."""
    engine = open_warehouse(warehouse, Role.OWNER)
    project = tmp_path / "project"
    shutil.copytree(warehouse.project / "expectations", project / "expectations")
    shutil.copytree(warehouse.dbt_project, project / "dbt_project")
    seed = project / "dbt_project" / "seeds" / "allocation_rules.csv"
    seed.write_text(seed.read_text().replace(",force,urgent,", ",force,evidence_package,"))
    promised = {
        (m.incident_id, m.duty, m.target_after, m.route_after) for m in try_rules(warehouse, engine, seed).moves
    }
    before = set(fetch(engine, PLAN))
    build_warehouse(dataclasses.replace(warehouse, project=project), select="int_allocation_plan", full_refresh=True)
    assert promised == set(fetch(engine, PLAN)) - before
    assert promised


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("rule_version,", "rule_number,"), "its columns are not those of"),
        ((",evidence,", ",gut_feeling,"), "owner_rule that no rule in force has"),
        (("2016-01-01", "soon"), "a value does not fit its column"),
    ],
)
def test_a_draft_that_is_no_set_of_rules_is_refused(
    warehouse: Settings, tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    draft = tmp_path / "draft.csv"
    draft.write_text((warehouse.dbt_project / "seeds" / "allocation_rules.csv").read_text().replace(*change))
    with pytest.raises(RulesRefused, match=reason):
        try_rules(warehouse, open_warehouse(warehouse, Role.OWNER), draft)


def test_an_incident_without_an_owner_stops_the_build(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    with engine.begin() as connection:
        connection.execute(sa.text("delete from marts.fct_allocations where is_current_owner"))
    with pytest.raises(BuildFailed, match="test every_incident_has_one_owner"):
        build_warehouse(warehouse, select="every_incident_has_one_owner")


def test_a_rule_of_a_models_rows_is_a_constraint_of_its_table(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    with (
        pytest.raises(sa.exc.IntegrityError, match="a_crime_stands_in_an_arm_of_the_funnel"),
        engine.begin() as connection,
    ):
        connection.execute(sa.text("update marts.fct_incidents set is_criminal = not is_criminal"))
