"""Positions of deliveries that no feed of the proof has: of every form of a period, and of sequences."""

from datetime import UTC, date, datetime, timedelta

import pytest

from recomputed.inputs import Row
from recomputed.positions import last_day, positions


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2026", date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 29)),
        ("202612", date(2026, 12, 31)),
        ("2026-10-04", date(2026, 10, 4)),
        ("20261004", date(2026, 10, 4)),
        ("2026Q1", date(2026, 3, 31)),
        ("2026-Q4", date(2026, 12, 31)),
        ("2026-W53", date(2027, 1, 3)),
    ],
)
def test_the_last_day_of_a_period(period: str, day: date) -> None:
    assert last_day(period) == day


@pytest.mark.parametrize(
    ("pattern", "names", "in_order"),
    [
        (r"^n(?P<sequence>\d+)$", ("n3", "n1", "n10", "n2"), ["n1", "n2", "n3", "n10"]),
        (r"^d(?P<period>\d{4}-\d\d)$", ("d2026-02", "d2031-01", "d2026-01"), ["d2026-01", "d2026-02", "d2031-01"]),
        (r"^d(?P<period>\d{4}-\d\d)$", ("by hand", "d2031-01", "d2026-02"), ["d2026-02", "by hand", "d2031-01"]),
        (
            r"^d(?P<period>\d{4})_(?P<sequence>\d+)$",
            ("d2025_9", "d2024_10", "d2025_8"),
            ["d2024_10", "d2025_8", "d2025_9"],
        ),
    ],
)
def test_deliveries_are_in_the_order_of_their_names_and_never_after_their_receipt(
    pattern: str, names: tuple[str, ...], in_order: list[str]
) -> None:
    found = positions(received(*names, each_after=timedelta(days=1)), pattern)
    assert sorted(found, key=lambda name: found[name]) == in_order


def test_a_file_without_a_sequence_has_the_last_one_of_its_day() -> None:
    found = positions(received("n7", "by hand", "n8", each_after=timedelta(hours=1)), r"^n(?P<sequence>\d+)$")
    assert [(each.on, each.number) for each in found.values()] == [(date(2026, 6, 1), number) for number in (7, 7, 8)]


def received(*names: str, each_after: timedelta) -> list[Row]:
    """What the ledger says of files of one sender that came one after the other."""
    first = datetime(2026, 6, 1, 8, tzinfo=UTC)
    return [
        {"delivery_id": name, "file_name": name, "sender": "a", "received_at": first + number * each_after}
        for number, name in enumerate(names)
    ]
