"""What a BI tool shows of measures and scorecards tells no small count, neither by subtraction nor with the public
statistics."""

import csv

import numpy as np
import pandas as pd
import pytest

from disclosure.cubes import RULES
from disclosure.test_suppression import range_left
from hub.disclosure.attack import attacked
from hub.disclosure.breakdowns import as_read
from hub.disclosure.disclose import decide
from hub.disclosure.history import read_past
from hub.disclosure.key import KEY
from hub.disclosure.protected_tables import SPLITS, is_rest, with_rests
from hub.disclosure.public_tables import figures, revealed, whole_table
from hub.disclosure.suppress import groups_to_guard
from hub.settings import read_settings

NOTHING = pd.DataFrame(columns=[*KEY, "publish_id", "stated_count", "mark", "public_value"])


def scorecard(area: str, *counts: int) -> pd.DataFrame:
    """One quarter of a force."""
    parts = ("received", "due", "acknowledged", "acknowledged_in_time", "outcomes")
    frame = pd.DataFrame({"measure_code": "force_scorecard", "area_code": area, "part_code": parts, "count": counts})
    return in_quarter(frame)


def in_quarter(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(period_code="2026/27 Q1", parent_area_code=None, parent_period_code="2026/27")


def whole_hub(seed: int) -> pd.DataFrame:
    """Measures of one quarter, and the public statistics of the same incidents by force, of which one sent nothing."""
    rng = np.random.default_rng(seed)
    forces = {f"f{number}": int(count) for number, count in enumerate(rng.poisson([30, 12, 3, 1]))}
    criminal = sum(forces.values()) + int(rng.integers(0, 4))
    counts = {"criminal_incidents": criminal}
    counts["incidents"] = criminal + int(rng.integers(0, 7))
    counts["reports_criminal"] = criminal + int(rng.integers(0, 5))
    counts["reports"] = counts["incidents"] + counts["reports_criminal"] - criminal + int(rng.integers(0, 5))
    counts["criminal_investigated"] = criminal - int(rng.integers(0, 5))
    counts["reports_investigated"] = counts["criminal_investigated"] + int(rng.integers(0, 3))
    counts["reports_investigated"] = min(counts["reports_investigated"], counts["reports"])
    counts["criminal_abroad"], counts["criminal_uk"], counts["criminal_awaiting_provider"] = rng.multinomial(
        criminal, [0.07, 0.83, 0.1]
    )
    counts["incidents_with_arrest"] = int(rng.integers(0, 8))
    counts["charged_of_recorded"], counts["other_positive_of_recorded"], _ = rng.multinomial(
        criminal, [0.1, 0.05, 0.85]
    )
    measures = pd.DataFrame({"part_code": counts.keys(), "count": [int(count) for count in counts.values()]})
    public = pd.DataFrame({"area_code": [*forces, "all"], "count": [*forces.values(), sum(forces.values())]})
    public = public.assign(measure_code="criminal_incidents", part_code="all")
    cells = in_quarter(pd.concat([measures.assign(measure_code="measures", area_code="all"), public]))
    parents = pd.Series("all", index=cells.index).where(cells["area_code"] != "all", None)
    return cells.assign(parent_area_code=parents).reset_index(drop=True)


def figures_of(counts: pd.DataFrame) -> dict[tuple[str, str], int | None]:
    """What is shown of each cell. Each that is kept back, and what is left of a count, can be any of five counts."""
    cells = with_rests(counts)
    past = read_past(cells, NOTHING, RULES)
    hidden, values, table = decide(cells, past, RULES), figures(past, RULES), whole_table(cells, RULES)
    assert hidden[is_rest(cells)].all()
    known = as_read(revealed(values, ~past.is_restated, RULES), table, hidden, RULES.threshold)
    groups = groups_to_guard(table, RULES)
    assert attacked(table, known, hidden, RULES.possible_counts, groups) == ([], 0)
    asked = hidden & ~table.zeros_implied(hidden)
    assert all(range_left(table, known, cell) >= RULES.possible_counts - 1 for cell in np.flatnonzero(asked).tolist())
    return {
        (area, part): None if is_hidden else int(value)
        for area, part, is_hidden, value, rest in zip(
            cells["area_code"], cells["part_code"], hidden, values, is_rest(cells), strict=True
        )
        if not rest
    }


def test_what_a_force_has_not_acknowledged_does_not_follow_by_subtraction() -> None:
    """Seven received and six acknowledged would both be shown as 5, and leave none, one or two."""
    shown = figures_of(scorecard("a", 7, 7, 6, 6, 0))
    assert (shown["a", "due"], shown["a", "acknowledged"]) != (5, 5)
    assert shown["a", "outcomes"] == 0, "a zero is a zero"


def test_a_force_that_has_acknowledged_nearly_all_of_many_is_shown() -> None:
    """Of 40 and 38 the figures are 40 and 40: none, or up to four, are left."""
    shown = figures_of(scorecard("a", 40, 40, 38, 30, 20))
    assert shown == {
        ("a", "received"): 40,
        ("a", "due"): 40,
        ("a", "acknowledged"): 40,
        ("a", "acknowledged_in_time"): 30,
        ("a", "outcomes"): 20,
    }


@pytest.mark.parametrize("seed", range(3))
def test_measures_and_public_statistics_together_tell_no_small_count(seed: int) -> None:
    shown = figures_of(whole_hub(seed))
    assert not any(value in (1, 2, 3, 4) for value in shown.values())
    assert shown["all", "incidents"] is not None
    assert shown["all", "all"] is not None


def closed(charged: int, other: int, neither: int, *, elsewhere: int = 7) -> pd.DataFrame:
    """Outcomes of one quarter: those of the public statistics, and with them ``elsewhere`` without a positive outcome
    of forces that sent no records."""
    total = charged + other + neither
    public = {"all": total, "charged": charged, "other_positive": other, "not_positive": neither}
    measures = {"closed": total + elsewhere, "charged_of_closed": charged, "other_positive_of_closed": other}
    cells = [
        {"measure_code": measure, "area_code": "all", "part_code": part, "count": count}
        for measure, counts in (("closed_incidents", public), ("measures", measures))
        for part, count in counts.items()
    ]
    return in_quarter(pd.DataFrame(cells))


@pytest.mark.parametrize(("charged", "other"), [(0, 0), (0, 3), (2, 1)])
def test_no_measure_tells_that_nearly_all_cases_had_the_same_outcome(charged: int, other: int) -> None:
    """Of 99 closed, no charge and no other positive outcome: each of the 99 had none."""
    shown = figures_of(closed(charged, other, 99))
    assert (shown["all", "all"], shown["all", "closed"]) != (None, None)
    parts = ("charged", "other_positive", "not_positive", "charged_of_closed", "other_positive_of_closed")
    assert {part: shown["all", part] for part in parts} == dict.fromkeys(parts)


def test_what_an_earlier_method_decided_does_not_stand() -> None:
    """Else an upgrade would repeat what it mends, and its own checks would stop each publish."""
    cells = with_rests(closed(0, 0, 99))
    past = read_past(cells, NOTHING, RULES)
    standing = cells[[*KEY, "count"]].assign(mark="zero", public_value=0)
    now = decide(cells, past, RULES, standing=standing.assign(decided_by=RULES.as_text))
    upgraded = decide(cells, past, RULES, standing=standing.assign(decided_by=RULES.as_text.rpartition(":")[2]))
    zeros = ((cells["count"] == 0) & ~is_rest(cells)).to_numpy()
    assert not now[zeros].any()
    assert upgraded[zeros].all()


def test_outcomes_of_many_are_shown_with_their_zeros() -> None:
    shown = figures_of(closed(0, 40, 60, elsewhere=0))
    assert (shown["all", "charged"], shown["all", "charged_of_closed"]) == (0, 0)
    assert shown["all", "other_positive_of_closed"] == shown["all", "other_positive"] == 40


def test_a_part_that_exceeds_its_whole_is_refused_without_a_count() -> None:
    with pytest.raises(ValueError, match=r"^the parts of force_scorecard/due are more than it$"):
        with_rests(scorecard("a", 9, 7, 8, 6, 0))


def test_the_attack_knows_what_each_protected_measure_is_out_of() -> None:
    with (read_settings().dbt_project / "seeds" / "protected_measures.csv").open(encoding="utf-8", newline="") as file:
        listed = {(row["measure_code"], row["whole_code"]) for row in csv.DictReader(file) if row["whole_code"]}
    known = {(part.partition("/")[2], split.whole.partition("/")[2]) for split in SPLITS for part in split.parts}
    assert listed
    assert listed <= known


def test_zeros_of_totals_do_not_tell_that_all_of_an_area_had_the_same_outcome() -> None:
    """All 40 of e in the first quarter ended alike: its year has no charge, and all areas no other positive outcome."""
    outcomes = ("charged", "other_positive", "not_positive")
    counts = {("e", "Q1"): (0, 0, 40), ("e", "Q2"): (0, 10, 30), ("f", "Q1"): (10, 0, 20), ("f", "Q2"): (10, 10, 20)}
    leaves = pd.DataFrame(
        [(area, f"2026/27 {quarter}", *of_both) for (area, quarter), of_both in counts.items()],
        columns=["area_code", "period_code", *outcomes],
    ).assign(all=lambda one: one[list(outcomes)].sum(axis=1))
    every = pd.concat([leaves, leaves.assign(area_code="all")])
    every = pd.concat([every, every.assign(period_code="2026/27")])
    long = every.melt(["area_code", "period_code"], var_name="part_code", value_name="count")
    cells = long.groupby(["area_code", "period_code", "part_code"], as_index=False)["count"].sum()
    figures_of(
        cells.assign(
            measure_code="closed_incidents",
            parent_area_code=cells["area_code"].map({"e": "all", "f": "all"}).replace(np.nan, None),
            parent_period_code=pd.Series("2026/27", index=cells.index).where(cells["period_code"] != "2026/27", None),
        )
    )


def places(**changed: int) -> pd.DataFrame:
    """Crimes of a quarter: by where they happened, as measures have it, and by force, of which one sent nothing. Of 12
    of no force one is abroad, and of 10 abroad 8 are another country's."""
    counts = {"criminal_incidents": 101, "criminal_abroad": 10, "criminal_uk": 80, "criminal_awaiting_provider": 11}
    areas = {"E23000001": 75, "unknown": 12, "ABROAD": 8}
    counts, areas = ({name: changed.get(name, one) for name, one in each.items()} for each in (counts, areas))
    measures = pd.DataFrame({"part_code": counts.keys(), "count": list(counts.values())})
    public = pd.DataFrame({"area_code": [*areas, "all"], "count": [*areas.values(), sum(areas.values())]})
    public = public.assign(measure_code="criminal_incidents", part_code="all")
    cells = in_quarter(pd.concat([measures.assign(measure_code="measures", area_code="all"), public]))
    parents = pd.Series("all", index=cells.index).where(cells["area_code"] != "all", None)
    return cells.assign(parent_area_code=parents).reset_index(drop=True)


@pytest.mark.parametrize(
    ("changed", "whole"),
    [
        ({"criminal_awaiting_provider": 13, "criminal_uk": 78}, "no_force"),
        ({"criminal_abroad": 7, "criminal_uk": 83}, "criminal_abroad"),
        # Two of no force are abroad, and besides another country's one is.
        (
            {"criminal_awaiting_provider": 10, "criminal_abroad": 9, "criminal_uk": 82},
            "criminal_abroad but another_country",
        ),
    ],
)
def test_crimes_abroad_and_those_that_await_a_provider_are_no_forces(changed: dict[str, int], whole: str) -> None:
    table = whole_table(with_rests(places()), RULES)
    assert table.fits(with_rests(places(unknown=13, E23000001=74))["count"].to_numpy(dtype=np.float64))
    with pytest.raises(ValueError, match=f"^the parts of measures/{whole} are more than it$"):
        with_rests(places(**changed))


@pytest.mark.parametrize(
    ("changed", "both"),
    [
        # Seven and six would both be shown as 5, and leave none, one or two of no force that are abroad.
        (
            {"unknown": 7, "criminal_awaiting_provider": 6, "criminal_uk": 85},
            [("unknown", "all"), ("all", "criminal_awaiting_provider")],
        ),
        # And none, one or two of a force that are abroad.
        (
            {"ABROAD": 6, "unknown": 12, "criminal_awaiting_provider": 12, "criminal_abroad": 7, "criminal_uk": 82},
            [("ABROAD", "all"), ("all", "criminal_abroad")],
        ),
    ],
)
def test_what_is_abroad_besides_does_not_follow_by_subtraction(
    changed: dict[str, int], both: list[tuple[str, str]]
) -> None:
    shown = figures_of(places(**changed))
    assert [shown[cell] for cell in both] != [5, 5]
    assert shown["E23000001", "all"] == 75


def test_a_zero_that_follows_from_several_others_needs_no_cover() -> None:
    """The one crime awaits a provider. None is in the United Kingdom or abroad, so none is of the silent force."""
    one = {"criminal_incidents": 1, "criminal_abroad": 0, "criminal_uk": 0, "criminal_awaiting_provider": 1}
    cells = places(**one, E23000001=0, unknown=1, ABROAD=0)
    shown = figures_of(cells)
    assert (shown["all", "criminal_uk"], shown["all", "criminal_abroad"], shown["ABROAD", "all"]) == (0, 0, 0)
    assert (shown["unknown", "all"], shown["all", "criminal_awaiting_provider"]) == (None, None)
    with_silent = with_rests(cells)
    table, hidden = whole_table(with_silent, RULES), is_rest(with_silent) | (with_silent["count"] > 0).to_numpy()
    rest_of_silent = (with_silent["part_code"] == "criminal_incidents but all").to_numpy()
    assert table.zeros_implied(hidden)[rest_of_silent].all()
    # Were it not known how many are in the United Kingdom, the silent force could have some.
    hidden |= (with_silent["part_code"] == "criminal_uk").to_numpy()
    assert not table.zeros_implied(hidden)[rest_of_silent].any()


def test_an_incident_whose_strand_is_not_stated_has_no_other() -> None:
    counts = {"disability": 8, "race": 9, "not_stated": 6, "all": 20}
    cells = in_quarter(pd.DataFrame({"part_code": counts.keys(), "count": list(counts.values())}))
    table = whole_table(cells.assign(measure_code="criminal_incidents", area_code="a"), RULES)
    assert table.fits(np.array([14.0, 9.0, 6.0, 20.0]))
    assert not table.fits(np.array([15.0, 9.0, 6.0, 20.0]))
    assert table.fits(np.array([15.0, 9.0, 5.0, 20.0]))


def triaged(no_crimes: int, *, investigated: int = 7) -> pd.DataFrame:
    """Reports of a quarter: 40 of crimes, of which the hub worked on six with a report each, and of no crimes."""
    counts = {"reports": 40 + no_crimes, "reports_criminal": 40, "reports_investigated": investigated}
    counts |= {"incidents": 40 + no_crimes, "criminal_incidents": 40, "criminal_investigated": 6}
    cells = pd.DataFrame({"part_code": counts.keys(), "count": list(counts.values())})
    return in_quarter(cells.assign(measure_code="measures", area_code="all"))


def test_what_was_triaged_as_no_crime_was_worked_on() -> None:
    table = whole_table(with_rests(triaged(1)), RULES)
    assert table.fits(with_rests(triaged(2, investigated=8))["count"].to_numpy(dtype=np.float64))
    assert not table.fits(with_rests(triaged(2))["count"].to_numpy(dtype=np.float64))


def test_where_nothing_was_worked_on_incidents_do_not_tell_how_many_are_crimes() -> None:
    """Each of the six is a crime: three of them are in the United Kingdom, and three await a provider."""
    counts = {"reports": 10, "reports_criminal": 10, "incidents": 6}
    counts |= {"reports_investigated": 0, "criminal_investigated": 0}
    reports = in_quarter(pd.DataFrame({"part_code": counts.keys(), "count": list(counts.values())}))
    of_measures = {"criminal_incidents": 6, "criminal_abroad": 0, "criminal_uk": 3, "criminal_awaiting_provider": 3}
    crimes = places(**of_measures, E23000001=0, unknown=3, ABROAD=0)
    cells = pd.concat([crimes, reports.assign(measure_code="measures", area_code="all")], ignore_index=True)
    shown = figures_of(cells)
    assert shown["all", "reports_investigated"] == 0
    assert (shown["all", "incidents"], shown["all", "criminal_incidents"]) == (None, None)


def test_triage_that_is_counted_otherwise_holds_up_nothing() -> None:
    cells = with_rests(triaged(3))
    assert whole_table(cells, RULES).fits(cells["count"].to_numpy(dtype=np.float64))
    assert figures_of(triaged(3))["all", "reports"] == 45
