"""The score that drift is measured by: named when, by the right name, for how long, what was named without cause."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from proofs.drift_mutations.candidates import Candidate
from proofs.drift_mutations.cells import of_all
from proofs.drift_mutations.choice import Mutation
from proofs.drift_mutations.deliveries import Delivery, Row, read_form
from proofs.drift_mutations.scoring import Alarm, Result, Score, false_alarms_in_clean_days, result_of
from proofs.drift_mutations.simulation import SimulatedFeed
from proofs.drift_mutations.volumes import Turn, in_deliveries, left_out

FIRST = date(2026, 9, 1)
TURN = date(2026, 9, 20)
BODIES = ("cst", "galop")


@pytest.fixture
def feed() -> SimulatedFeed:
    """Thirty days of community reports of two bodies."""
    form = read_form("community_reports")
    rows: tuple[Row, ...] = tuple({"body_code": body, "platform": "x"} for body in BODIES)
    days = [FIRST + timedelta(days=number) for number in range(30)]
    return SimulatedFeed([Delivery(form, f"{day}", day, None, rows, (), "") for day in days])


@pytest.fixture
def mutation() -> Mutation:
    """A code of galop that changed at once."""
    change = in_deliveries(("galop",), of_all(list))
    what = Candidate("code appears", "community_reports", ("galop",), ("platform",), ("reddit",), change)
    return Mutation(
        "made up", what, Turn(TURN, TURN, "seed"), rows_a_day=10, seen_on_first=5, seen_in_three=10, seen_in_ten=10
    )


ALARM = Alarm("community_reports", "galop", ("platform",), "reddit", TURN, None)


def scored(mutation: Mutation, feed: SimulatedFeed, *alarms: Alarm, clean: Sequence[Alarm] = ()) -> Result:
    return result_of(mutation, feed, clean, alarms)


def test_an_alarm_with_the_right_names_on_the_first_day_is_on_the_day(mutation: Mutation, feed: SimulatedFeed) -> None:
    result = scored(mutation, feed, ALARM)
    assert (result.on_the_day, result.within_three_days, result.stayed_named) == (True, True, True)
    assert result.false_alarms == ()


@pytest.mark.parametrize(("days", "within"), [(1, True), (3, True), (4, False)])
def test_a_later_alarm_is_within_three_days_or_late(
    mutation: Mutation, feed: SimulatedFeed, days: int, within: bool
) -> None:
    result = scored(mutation, feed, replace(ALARM, named_on=TURN + timedelta(days=days)))
    assert (result.on_the_day, result.within_three_days) == (False, within)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": None},
        {"sender": "cst"},
        {"columns": ("strands",)},
        {"columns": ()},
        {"code": "x"},
        {"named_on": TURN - timedelta(days=1)},
    ],
)
def test_an_alarm_with_a_wrong_name_or_before_the_change_does_not_count(
    mutation: Mutation, feed: SimulatedFeed, wrong: dict[str, object]
) -> None:
    result = scored(mutation, feed, replace(ALARM, **wrong))  # type: ignore[arg-type]
    assert (result.named_after, result.stayed_named) == (None, False)


def test_an_alarm_of_a_pair_or_without_a_code_or_of_a_list_is_right(mutation: Mutation, feed: SimulatedFeed) -> None:
    for alarm in (
        replace(ALARM, columns=("content_url", "platform"), code=None),
        replace(ALARM, code=None),
        replace(ALARM, code="x|reddit"),
    ):
        assert scored(mutation, feed, alarm).on_the_day


def test_an_alarm_of_all_senders_is_right_only_where_all_changed(mutation: Mutation, feed: SimulatedFeed) -> None:
    everyone = replace(mutation, what=replace(mutation.what, senders=BODIES))
    assert scored(everyone, feed, replace(ALARM, sender=None)).on_the_day
    assert scored(everyone, feed, replace(ALARM, sender="cst")).on_the_day


def test_a_sender_that_stops_may_be_named_by_its_number_or_by_its_share(
    mutation: Mutation, feed: SimulatedFeed
) -> None:
    change = in_deliveries(("galop",), left_out())
    stops = Candidate("sender stops", "community_reports", ("galop",), (), (), change, moves_records=True)
    stopped = replace(mutation, what=stops)
    assert scored(stopped, feed, replace(ALARM, columns=(), code=None)).on_the_day
    assert scored(stopped, feed, replace(ALARM, sender=None, columns=("body_code",), code="galop")).on_the_day
    assert not scored(stopped, feed, replace(ALARM, sender=None, columns=("body_code",), code="cst")).on_the_day
    assert scored(stopped, feed, ALARM).named_after is None


def test_a_change_that_is_no_longer_named_while_it_lasts_did_not_stay(mutation: Mutation, feed: SimulatedFeed) -> None:
    closed = replace(ALARM, closed_on=TURN + timedelta(days=2))
    again = replace(ALARM, code=None, named_on=TURN + timedelta(days=2))
    too_late = replace(again, named_on=TURN + timedelta(days=3))
    assert not scored(mutation, feed, closed).stayed_named
    assert scored(mutation, feed, closed, again).stayed_named
    assert not scored(mutation, feed, closed, too_late).stayed_named


def test_a_gradual_change_is_named_on_the_day_while_it_comes_about(mutation: Mutation, feed: SimulatedFeed) -> None:
    gradual = replace(mutation, turn=Turn(TURN, TURN + timedelta(days=5), "seed"))
    assert scored(gradual, feed, replace(ALARM, named_on=TURN + timedelta(days=5))).on_the_day
    assert not scored(gradual, feed, replace(ALARM, named_on=TURN + timedelta(days=6))).on_the_day


def test_what_clean_files_raise_too_is_no_news(mutation: Mutation, feed: SimulatedFeed) -> None:
    assert scored(mutation, feed, ALARM, clean=[ALARM]).named_after is None


def test_alarms_about_others_are_false_unless_they_follow(mutation: Mutation, feed: SimulatedFeed) -> None:
    of_another, elsewhere = replace(ALARM, sender="cst"), replace(ALARM, columns=("strands",))
    of_all = replace(ALARM, sender=None)
    assert scored(mutation, feed, of_another, elsewhere, of_all).false_alarms == (of_another, elsewhere)
    moved = replace(mutation, what=replace(mutation.what, moves_records=True))
    assert scored(moved, feed, elsewhere).false_alarms == ()


def test_clean_days_are_the_last_ones(feed: SimulatedFeed) -> None:
    alarms = [replace(ALARM, named_on=FIRST + timedelta(days=day)) for day in (0, 19, 20, 29)]
    assert false_alarms_in_clean_days(feed, alarms, 10) == alarms[2:]


def test_a_score_is_a_share_of_all_mutations(mutation: Mutation, feed: SimulatedFeed) -> None:
    late = replace(ALARM, named_on=TURN + timedelta(days=2))
    score = Score((scored(mutation, feed, ALARM), scored(mutation, feed, late), scored(mutation, feed)))
    assert score.on_the_day == pytest.approx(1 / 3)
    assert score.within_three_days == pytest.approx(2 / 3)
    assert score.ever == pytest.approx(2 / 3)
    assert score.stayed_named == 1
    assert score.missed().splitlines() == ["2 days later: made up", "never: made up"]
