"""A sender that stops being as its own past is found on the day it comes, once, until it is as before or accepted."""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.monitoring import known_issues
from hub.monitoring.detect_drift import detect_drift, drifts
from hub.monitoring.known_issues import IssueRefused, NewIssue
from hub.monitoring.profile import forget_profile
from hub.monitoring.tables import PROFILES
from hub.monitoring.watch import watch_deliveries
from hub.settings import Settings

FEED = "provider_statements"
FIRST = date(2026, 3, 2)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
Deliver = Callable[..., int]


@pytest.fixture
def deliver(engine: sa.Engine, catalogue: Catalogue) -> Deliver:
    """Days of two providers, compared: 100 rows of X, of which ``yes`` are found by machine, and 200 of TikTok."""

    def deliver(days: Iterable[int], *, yes: int = 80, rows: int = 100) -> int:
        listed = []
        for day in days:
            delivery = uuid.uuid4()
            # A little to and fro, as in life.
            found = yes + (day % 3 - 1) * 2 if 0 < yes < rows else yes
            for sender, count, machine in (("X", rows, found), ("TikTok", 200, 150)):
                for column, statistic, bucket, counted in (
                    ("*", "rows", "", count),
                    ("automated_detection", "given", "yes", count),
                    ("automated_detection", "value", "Yes", machine),
                    ("automated_detection", "value", "No", count - machine),
                ):
                    listed.append(_row(delivery, day, sender, column, statistic, bucket, counted))
        if listed:
            with engine.begin() as connection:
                connection.execute(sa.insert(PROFILES), listed)
        return detect_drift(engine, [catalogue.contracts[FEED]], NOW)

    return deliver


def _row(delivery: uuid.UUID, day: int, *values: Any) -> dict[str, Any]:
    names = ("sender", "column_name", "statistic", "bucket", "count_rows")
    known = {"delivery_id": delivery, "feed": FEED, "day": FIRST + timedelta(days=day)}
    return known | dict(zip(names, values, strict=True))


def found(engine: sa.Engine, *, only_open: bool = True) -> list[tuple[str, str, int, int | None]]:
    """Sender, column, day since which, and day on which it was over."""
    with engine.connect() as connection:
        return [
            (
                one.sender,
                one.column_name,
                (one.first_day - FIRST).days,
                (one.over_day - FIRST).days if one.over_day else None,
            )
            for one in drifts(connection, only_open=only_open)
        ]


def test_an_inverted_flag_of_one_provider_is_an_incident_of_its_feed_until_it_is_right_again(
    deliver: Deliver, engine: sa.Engine, catalogue: Catalogue, settings: Settings
) -> None:
    deliver(range(30))
    assert found(engine) == []
    deliver([30], yes=20)
    assert found(engine) == [("X", "automated_detection", 30, None)]
    alerts = [one.cause for one in watch_deliveries(engine, catalogue, settings, NOW) if one.cause.kind == "drift"]
    assert [(one.key, one.feed) for one in alerts] == [("drift:provider_statements:X:automated_detection", FEED)]
    assert alerts[0].detail == (
        "X: automated_detection looks as if No and Yes were exchanged: No was 20.0% of the rows, is 82.0% since "
        "2026-04-01 (100 rows in 1 delivery day)"
    )
    assert alerts[0].owner == "hub-provider-liaison"
    # For as long as it lasts the past stays what it was before: it is no new one each day, and not got used to.
    deliver(range(31, 100), yes=20)
    assert found(engine) == [("X", "automated_detection", 30, None)]
    deliver(range(100, 110))
    assert found(engine, only_open=False) == [("X", "automated_detection", 30, 100)]
    assert not [one for one in watch_deliveries(engine, catalogue, settings, NOW) if one.cause.kind == "drift"]


def test_halved_rows_are_found_and_more_rows_after_an_event_are_not(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver([30], rows=400, yes=330)
    assert found(engine) == []
    deliver([31], rows=30, yes=24)
    assert found(engine) == [("X", "*", 31, None)]


def test_one_noisy_day_ends_no_drift_and_one_day_as_before_neither(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver(range(30, 35), yes=20)
    deliver([35], yes=60)
    deliver([36], yes=80)
    deliver(range(37, 40), yes=20)
    assert found(engine) == [("X", "automated_detection", 30, None)]


def test_halved_rows_stay_named_for_as_long_as_they_are_halved(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver(range(30, 70), rows=30, yes=24)
    assert found(engine) == [("X", "*", 30, None)]
    deliver(range(70, 77))
    assert found(engine, only_open=False) == [("X", "*", 30, 70)]


def test_a_share_that_turns_little_by_little_is_found(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    for step in range(10):
        deliver([30 + step], yes=78 - 6 * step)
    assert [(sender, column) for sender, column, *_ in found(engine)] == [("X", "automated_detection")]


def test_rows_that_are_tripled_are_named_when_no_event_explains_them_any_more(
    deliver: Deliver, engine: sa.Engine
) -> None:
    deliver(range(30))
    deliver(range(30, 32), rows=300, yes=240)
    assert found(engine) == []
    deliver([32], rows=300, yes=240)
    assert found(engine) == [("X", "*", 32, None)]


def test_a_person_closes_a_drift(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver([30], yes=20)
    with engine.begin() as connection:
        number = connection.scalar(sa.text("select drift_id from ledger.drifts"))
        with pytest.raises(IssueRefused, match="cannot be over before the next day"):
            known_issues.close_drift(connection, number, FIRST + timedelta(days=30), "pat")
        known_issues.close_drift(connection, number, FIRST + timedelta(days=31), "pat")
        with pytest.raises(IssueRefused, match="is over since"):
            known_issues.close_drift(connection, number, FIRST + timedelta(days=32), "pat")
    assert found(engine, only_open=False) == [("X", "automated_detection", 30, 31)]


def test_what_is_compared_is_not_compared_again_and_a_day_that_grows_is(deliver: Deliver, engine: sa.Engine) -> None:
    assert deliver(range(30)) == 30
    assert deliver([]) == 0
    assert deliver([30], rows=30, yes=24) == 1
    assert found(engine) == [("X", "*", 30, None)]
    # The second half comes later on the same day.
    assert deliver([30], rows=62, yes=50) == 1
    assert found(engine) == []


def test_what_a_person_accepts_is_the_new_past(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver(range(30, 40), yes=20)
    with engine.begin() as connection:
        number = connection.scalar(sa.text("select drift_id from ledger.drifts"))
        known_issues.accept_drift(connection, number, "pat")
    deliver(range(40, 60), yes=20)
    assert found(engine) == []
    deliver([60], yes=80)
    assert found(engine) == [("X", "automated_detection", 60, None)]


def test_a_drift_that_is_confirmed_is_a_known_issue_said_once(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver([30], yes=20)
    with engine.begin() as connection:
        number = connection.scalar(sa.text("select drift_id from ledger.drifts"))
        issue = known_issues.confirm_drift(connection, number, "machine and person are swapped", "pat")
        with pytest.raises(IssueRefused, match="was confirmed by pat"):
            known_issues.accept_drift(connection, number, "sam")
        said = known_issues.events(connection)
    assert [(one.issue_id, one.feed, one.sender, one.column_name, one.from_on) for one in said] == [
        (issue, FEED, "X", "automated_detection", FIRST + timedelta(days=30))
    ]


def test_an_issue_is_closed_once_and_not_before_it_began(engine: sa.Engine) -> None:
    issue = NewIssue(FEED, None, None, FIRST, None, "all rows twice")
    with engine.begin() as connection:
        first, second = (known_issues.open_issue(connection, issue, "pat") for _ in range(2))
        assert first != second
        with pytest.raises(IssueRefused, match="before it began"):
            known_issues.close_issue(connection, first, FIRST - timedelta(days=1), "sent anew", "sam")
        known_issues.close_issue(connection, first, FIRST, "sent anew", "sam")
        with pytest.raises(IssueRefused, match="closed already"):
            known_issues.close_issue(connection, first, FIRST, "sent anew", "sam")
        with pytest.raises(IssueRefused, match="no known issue"):
            known_issues.close_issue(connection, 10**6, FIRST, "sent anew", "sam")
        assert [one.kind for one in known_issues.events(connection)] == ["opened", "opened", "closed"]


def withdraw(engine: sa.Engine, day: int) -> None:
    """As a withdrawal forgets what the deliveries that it takes back look like."""
    with engine.begin() as connection:
        of_day = sa.select(PROFILES.c.delivery_id).where(PROFILES.c.day == FIRST + timedelta(days=day)).distinct()
        for row in connection.execute(of_day).all():
            forget_profile(connection, row.delivery_id)


def test_a_day_that_was_withdrawn_and_came_right_is_compared_again_though_it_has_as_many_rows(
    deliver: Deliver, engine: sa.Engine
) -> None:
    deliver(range(30))
    deliver([30], yes=20)
    assert found(engine) == [("X", "automated_detection", 30, None)]
    withdraw(engine, 30)
    assert deliver([30]) == 1
    assert found(engine) == []


def test_a_day_that_was_withdrawn_and_came_wrong_is_found(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(31))
    withdraw(engine, 30)
    deliver([30], yes=20)
    assert found(engine) == [("X", "automated_detection", 30, None)]


def test_a_drift_of_a_day_that_was_withdrawn_is_open_no_more(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver([30], yes=20)
    withdraw(engine, 30)
    deliver([])
    assert found(engine) == []


def test_a_drift_that_later_days_show_too_lasts_though_its_first_day_was_withdrawn(
    deliver: Deliver, engine: sa.Engine
) -> None:
    deliver(range(30))
    deliver(range(30, 34), yes=20)
    withdraw(engine, 30)
    deliver([])
    assert found(engine) == [("X", "automated_detection", 30, None)]


def test_of_two_deliveries_of_a_day_the_one_that_stays_is_compared_again(deliver: Deliver, engine: sa.Engine) -> None:
    deliver(range(30))
    deliver([30])
    deliver([30], yes=0)
    with engine.begin() as connection:
        of_day = sa.select(PROFILES.c.delivery_id).where(PROFILES.c.day == FIRST + timedelta(days=30))
        wrong = of_day.where(PROFILES.c.sender == "X", PROFILES.c.bucket == "Yes", PROFILES.c.count_rows == 0)
        forget_profile(connection, connection.execute(wrong).scalar_one())
    assert deliver([]) == 1
    assert found(engine) == []
