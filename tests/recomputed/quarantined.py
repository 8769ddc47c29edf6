"""How many rows of the feeds that a figure is counted from are in quarantine, and so in no figure."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from recomputed.inputs import Inputs, Row, rows_of
from recomputed.values import day_in_london, month_end, month_of_day, next_day


class Quarantined:
    """Counts the rows by feed and by the months that their deliveries are about."""

    def __init__(self, inputs: Inputs) -> None:
        self._counts: Counter[tuple[str, date]] = Counter()
        for delivery in rows_of(inputs.loaded):
            for month in _months(delivery):
                self._counts[delivery["feed"], month] += delivery["rows_quarantined"]
        self._feeds: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for row in inputs.seed("figures_by_feed"):
            self._feeds[row["view_name"], row["figure"]].add(row["feed"])

    def count(self, view: str, figure: str, month: date) -> int:
        """Rows of all feeds that the figure, or the whole view, is counted from."""
        feeds = self._feeds.get((view, figure), set()) | self._feeds.get((view, None), set())
        return sum(self._counts[feed, month] for feed in feeds)


def _months(delivery: Row) -> Iterator[date]:
    """The months that a delivery touches: of the period in its file's name, else of the events in it, else the month
    in which it came."""
    first, last = delivery["period_start"], delivery["period_end"]
    if first is None or last is None:
        first, last = delivery["first_event_on"], delivery["last_event_on"]
    if first is None or last is None:
        first = last = day_in_london(delivery["received_at"])
    month = month_of_day(first)
    while month <= last:
        yield month
        month = next_day(month_end(month))
