"""The rules of the watch over deliveries, each with the smallest ledger that shows it."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.monitoring.watch import arrivals
from hub.settings import Settings
from hub.warehouse.tables import ALERTS, DELIVERIES, FEEDS
from orchestration.watched import DAY, FEED, NOW, Deliver, Watch, drop_file, kinds


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(0.5, []), (1.2, ["due"]), (1.6, ["late"]), (2.4, ["late"]), (2.6, ["silent"])]
)
def test_a_feed_is_due_after_its_cadence_late_after_its_grace_and_silent_after_another_cadence(
    deliver: Deliver, watch: Watch, days_ago: float, expected: list[str]
) -> None:
    deliver(days_ago)
    assert kinds(watch()) == expected


def test_an_episode_without_delivery_is_one_alert_that_worsens_and_closes_with_the_next_delivery(
    deliver: Deliver, watch: Watch, engine: sa.Engine
) -> None:
    deliver(1.2)
    for day, kind in ((0.0, "due"), (0.5, "late"), (3.0, "silent")):
        assert kinds(watch(NOW + day * DAY)) == [kind]
    deliver(-3.1)
    assert watch(NOW + 3.2 * DAY) == []
    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(ALERTS)).all()
    assert (row.kind, row.opened_at, row.closed_at) == ("silent", NOW, NOW + 3.2 * DAY)


def test_a_new_hub_starts_without_alarms_and_a_feed_that_never_delivers_is_silent_in_the_end(
    watch: Watch, engine: sa.Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(FEEDS).values(first_known_at=NOW))
    assert watch() == []
    assert watch(NOW + 0.9 * DAY) == []
    assert kinds(watch(NOW + 2.6 * DAY)) == ["silent"]


@pytest.mark.parametrize("status", ["refused", "duplicate"])
def test_a_refused_file_or_a_repeat_is_no_delivery_to_the_calendar(
    deliver: Deliver, engine: sa.Engine, daily: Contract, watch: Watch, status: str
) -> None:
    deliver(5)
    deliver(0.1, status=status)
    watch()
    with engine.connect() as connection:
        (arrival,) = arrivals(connection, Catalogue({FEED: daily}, {}), NOW)
    assert arrival.state == "silent"
    assert arrival.last_received_at == NOW - 5 * DAY


def test_a_second_watch_with_nothing_changed_opens_nothing_more(
    deliver: Deliver, watch: Watch, engine: sa.Engine
) -> None:
    deliver(3)
    first, second = watch(), watch()
    assert first == second
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(ALERTS)) == 1


def test_an_alert_names_the_feeds_owner_and_what_to_expect(deliver: Deliver, watch: Watch, daily: Contract) -> None:
    deliver(3)
    (alert,) = watch()
    assert alert.cause.owner == daily.owner
    assert "2026-03-07 12:00" in alert.cause.detail


def test_a_cause_that_comes_back_is_a_new_alert(deliver: Deliver, watch: Watch) -> None:
    deliver(3)
    (first,) = watch()
    deliver(0)
    assert watch() == []
    (again,) = watch(NOW + 4 * DAY)
    assert again.cause.key == first.cause.key
    assert again.alert_id != first.alert_id


def test_numbers_missing_from_a_sender_are_one_alert_until_the_last_has_come(deliver: Deliver, watch: Watch) -> None:
    for number in (3, 4, 6, 10):
        deliver(sequence_number=number)
    deliver(sequence_number=1, sender="two")
    (gap,) = watch()
    assert (gap.cause.kind, gap.cause.key) == ("gap", f"gap:{FEED}:one")
    assert gap.cause.detail == "4 number(s) missing from one: 5, 7-9"
    for number in (5, 7, 9):
        deliver(sequence_number=number)
    (smaller,) = watch()
    assert smaller.alert_id == gap.alert_id
    assert smaller.cause.detail == "1 number(s) missing from one: 8"
    deliver(sequence_number=8)
    assert watch() == []


def test_where_many_ranges_of_numbers_are_missing_some_are_shown_and_the_rest_counted(
    deliver: Deliver, watch: Watch
) -> None:
    for number in range(1, 16, 2):
        deliver(sequence_number=number)
    (gap,) = watch()
    assert gap.cause.detail == "7 number(s) missing from one: 2, 4, 6, 8, 10 and 2 more ranges"


def test_a_refused_number_is_missing_until_it_is_delivered_anew(deliver: Deliver, watch: Watch) -> None:
    for number, status in ((1, "loaded"), (2, "refused"), (3, "loaded")):
        deliver(1.0 - number / 10, sequence_number=number, status=status)
    assert sorted(kinds(watch())) == ["gap", "refused"]
    deliver(0.1, sequence_number=2)
    assert watch() == []


@pytest.mark.parametrize("total", [{"stated_rows": 100}, {"is_total_unreadable": True}])
def test_a_control_total_that_disagrees_stays_until_the_same_period_comes_with_one_that_agrees(
    deliver: Deliver, watch: Watch, total: dict[str, Any]
) -> None:
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    wrong = deliver(0.5, rows=98, period_start=february, **total)
    (alert,) = watch()
    assert (alert.cause.kind, alert.cause.delivery_id) == ("control_total", wrong)
    states = "100 rows" if "stated_rows" in total else "no number of rows that can be read"
    assert alert.cause.detail == f"the sender states {states}, 98 were read"
    deliver(0.4, rows=98, period_start=february, **total)
    deliver(0.4, stated_rows=7, rows=7, period_start=march)
    assert kinds(watch()) == ["control_total", "control_total"]
    deliver(0.3, stated_rows=100, rows=100, period_start=february)
    assert watch() == []


def test_a_control_total_that_agrees_is_no_alert(deliver: Deliver, watch: Watch) -> None:
    deliver(stated_rows=0, rows=0)
    deliver(rows=5)
    assert watch() == []


def test_a_held_delivery_waits_for_a_person(deliver: Deliver, watch: Watch, engine: sa.Engine) -> None:
    held = deliver(status="held", reason="fewer rows than ever")
    (alert,) = watch()
    assert (alert.cause.kind, alert.cause.detail) == ("held", "fewer rows than ever")
    with engine.begin() as connection:
        connection.execute(sa.update(DELIVERIES).where(DELIVERIES.c.delivery_id == held).values(status="loaded"))
    assert watch() == []


def test_a_refused_delivery_is_over_when_the_senders_next_one_is_loaded(deliver: Deliver, watch: Watch) -> None:
    deliver(0.5, status="refused", reason="not the format")
    deliver(0.4, sender="two")
    assert kinds(watch()) == ["refused"]
    deliver(0.3)
    assert watch() == []


def test_a_refused_file_that_gives_no_period_is_not_made_good_by_a_usual_days_file(
    deliver: Deliver, watch: Watch
) -> None:
    deliver(days_ago=2, status="refused", reason="the columns are not those of the feed")
    deliver(days_ago=1, period_start=NOW.date(), period_end=NOW.date())
    deliver(days_ago=0.5, sequence_number=7)
    assert kinds(watch()) == ["refused"]
    deliver(days_ago=0.1)
    assert kinds(watch()) == []


def test_a_refused_file_that_gives_no_period_is_forgotten_after_a_fortnight(deliver: Deliver, watch: Watch) -> None:
    deliver(days_ago=13, status="refused")
    deliver(days_ago=0.1, period_start=NOW.date(), period_end=NOW.date())
    assert kinds(watch()) == ["refused"]
    assert "refused" not in kinds(watch(NOW + 1.5 * DAY))


def test_another_part_of_a_period_and_a_longer_period_make_nothing_good(deliver: Deliver, watch: Watch) -> None:
    january = {"period_start": date(2026, 1, 1), "period_end": date(2026, 1, 31), "part": "lsoa"}
    refused = deliver(0.5, status="refused", reason="not the format", **january)
    for other in ({"part": "borough"}, {"part": None}, {"period_end": date(2026, 12, 31)}):
        deliver(0.4, **(january | other))
    (alert,) = watch()
    assert (alert.cause.kind, alert.cause.delivery_id) == ("refused", refused)
    deliver(0.3, **january)
    assert watch() == []


def test_a_refused_file_of_a_feed_that_nobody_knows_is_forgotten_after_a_fortnight(
    deliver: Deliver, watch: Watch
) -> None:
    deliver(1, feed="mystery", status="refused", reason="no feed has this name")
    deliver(0)
    (alert,) = watch()
    assert (alert.cause.kind, alert.cause.owner) == ("refused", "hub")
    deliver(-14)
    assert watch(NOW + 14 * DAY) == []


def test_a_receipt_that_never_came_to_its_load_is_seen_after_a_quarter_of_an_hour(
    deliver: Deliver, watch: Watch
) -> None:
    deliver(10 / 24 / 60, status="received")
    assert watch() == []
    assert kinds(watch(NOW + timedelta(minutes=6))) == ["not_loaded"]


def test_a_refused_contract_is_an_alert_and_so_are_the_files_that_wait_for_it(
    settings: Settings, watch: Watch, deliver: Deliver, daily: Contract
) -> None:
    deliver(0)
    broken = Catalogue({FEED: daily}, {"bad_feed": "version must be given"})
    assert kinds(watch(catalogue=broken)) == ["refused_contract"]
    drop_file(settings, "bad_feed")
    assert sorted(kinds(watch(catalogue=broken))) == ["refused_contract", "waiting_for_contract"]
    assert kinds(watch()) == ["unknown_folder"]
