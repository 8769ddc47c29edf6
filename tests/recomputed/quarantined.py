"""Count the quarantined rows of the feeds behind each figure; these rows are in no figure."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from recomputed.inputs import Inputs, Row, rows_of
from recomputed.values import day_in_london, month_end, month_of_day, next_day


class Quarantined:
    """Quarantined rows per feed and month. A delivery that covers several months counts in full in each."""

    def __init__(self, inputs: Inputs) -> None:
        self._counts: Counter[tuple[str, date]] = Counter()
        for delivery in rows_of(inputs.loaded):
            for month in _months(delivery):
                self._counts[delivery["feed"], month] += delivery["rows_quarantined"]
        self._feeds: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for row in inputs.seed("figures_by_feed"):
            self._feeds[row["view_name"], row["figure"]].add(row["feed"])

    def count(self, view: str, figure: str, month: date) -> int:
        """Quarantined rows of the month, over all feeds behind the figure or the whole view."""
        feeds = self._feeds.get((view, figure), set()) | self._feeds.get((view, None), set())
        return sum(self._counts[feed, month] for feed in feeds)


def _months(delivery: Row) -> Iterator[date]:
    """Months of a delivery: of the period in its file name, else from its first to its last event, else the month of
    receipt."""
    first, last = delivery["period_start"], delivery["period_end"]
    if first is None or last is None:
        first, last = delivery["first_event_on"], delivery["last_event_on"]
    if first is None or last is None:
        first = last = day_in_london(delivery["received_at"])
    month = month_of_day(first)
    while month <= last:
        yield month
        month = next_day(month_end(month))
