"""So that an alarm is believed: what changes in meaning is named on the day it comes, and clean days raise none."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.contracts import Catalogue
from hub.settings import read_settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from proofs.drifting import Mutation, alarms, findings, halved, hours_later, in_new_york, profiles, swapped

END = date(2026, 10, 20)
CLEAN_DAYS = 30
MOST_FALSE_ALARMS = 1
STATEMENTS, PORTAL = "provider_statements", "true_vision_reports"
MUTATIONS = {
    "flag inverted for one provider": Mutation(
        STATEMENTS,
        swapped("automated_detection", {"Yes": "No", "No": "Yes"}, lambda row: row["platform_name"] == "Facebook"),
        frozenset({"Facebook"}),
        "automated_detection",
    ),
    "consent inverted": Mutation(
        PORTAL, swapped("is_anonymous", {"yes": "no", "no": "yes"}), frozenset({"True Vision"}), "is_anonymous"
    ),
    "code list changed": Mutation(
        "hub_activity",
        swapped("role", {"detective_constable": "detective_sergeant"}),
        frozenset({"Online hate crime hub"}),
        "role",
    ),
    "code of one provider replaced": Mutation(
        STATEMENTS,
        swapped(
            "decision_visibility",
            {'["DECISION_VISIBILITY_CONTENT_REMOVED"]': '["DECISION_VISIBILITY_CONTENT_DISABLED"]'},
            lambda row: row["platform_name"] == "Facebook",
        ),
        frozenset({"Facebook"}),
        "decision_visibility",
    ),
    "volume halved": Mutation(STATEMENTS, halved(), frozenset({"*", "Facebook"}), "*"),
    "volume of reports halved": Mutation(PORTAL, halved(), frozenset({"True Vision"}), "*"),
    "time zone shifted": Mutation(PORTAL, in_new_york("reported_at"), frozenset({"True Vision"}), "reported_at"),
    "clock without zone shifted": Mutation(
        STATEMENTS, hours_later("created_at", -5), frozenset({"*", "Facebook"}), "created_at"
    ),
}

Simulated = Callable[[int, int, int], Path]


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The folder of a simulation, by seed, reports and days; made once."""
    made: dict[tuple[int, int, int], Path] = {}

    def simulated(seed: int, reports: int, days: int) -> Path:
        key = (seed, reports, days)
        if key not in made:
            made[key] = tmp_path_factory.mktemp("drift") / str(seed)
            simulate(Plan(reports, days, seed, END), made[key])
        return made[key]

    return simulated


def named_on_the_day(out: Path, catalogue: Catalogue, mutation: Mutation) -> list[tuple[str, str]]:
    """Sender and column of what is found on the first day that is changed."""
    contract = catalogue.contracts[mutation.feed]
    since = END - timedelta(days=2)
    rows = list(profiles(read_settings({}), contract, out / mutation.feed, mutation.change, since))
    return [(one.sender, one.column) for _, one in findings(contract, rows, lambda _: [since])]


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12, 13])
@pytest.mark.parametrize("name", MUTATIONS)
def test_what_changes_is_named_on_the_day_it_comes(
    simulated: Simulated, catalogue: Catalogue, name: str, seed: int
) -> None:
    mutation = MUTATIONS[name]
    named = named_on_the_day(simulated(seed, 40_000, 75), catalogue, mutation)
    assert {sender for sender, column in named if column == mutation.column} & mutation.senders, named
    assert {column for _, column in named} == {mutation.column}


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_thirty_clean_days_of_all_feeds_raise_at_most_one_alarm(
    simulated: Simulated, catalogue: Catalogue, seed: int
) -> None:
    out = simulated(seed, 40_000, 75)
    raised = []
    for feed, contract in catalogue.contracts.items():
        rows = list(profiles(read_settings({}), contract, out / feed))
        found = findings(contract, rows, lambda history: history.days[-CLEAN_DAYS:])
        raised += [(feed, *one) for one in alarms(found)]
    assert len(raised) <= MOST_FALSE_ALARMS, raised


def test_an_inverted_flag_of_one_provider_is_named_and_no_other_day_or_column(
    simulated: Simulated, catalogue: Catalogue
) -> None:
    out, mutation = simulated(14, 6_000, 30), MUTATIONS["consent inverted"]
    contract = catalogue.contracts[mutation.feed]
    since = END - timedelta(days=1)
    rows = list(profiles(read_settings({}), contract, out / mutation.feed, mutation.change, since))
    clean = findings(contract, rows, lambda history: [day for day in history.days if day < since])
    assert clean == []
    assert [one.column for _, one in findings(contract, rows, lambda _: [since])] == [mutation.column]
