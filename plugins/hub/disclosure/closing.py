"""What a reader knows of the way of an incident: it is recorded, and closed in the same quarter or in a later one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from operator import or_

import numpy as np
import scipy.sparse as sp

from hub.disclosure.tables import Places, Table

type Sum = dict[int, float]
"""The places of cells, and what each is multiplied by."""


@dataclass(frozen=True)
class Way:
    """Two counts of the same incidents: by the quarter in which they were ``recorded``, and by the one in which they
    were ``closed``. Of both the first is a count, and those after it are taken away from it. Those that stay open are
    not among the ``recorded`` where ``all_are_closed``."""

    recorded: tuple[str, ...]
    closed: tuple[str, ...]
    all_are_closed: bool = False

    @property
    def times(self) -> dict[str, float]:
        """How often each part is counted in what more is closed than recorded."""
        closed, *without = self.closed
        recorded, *open_or_not = self.recorded
        return {closed: 1.0, recorded: -1.0} | dict.fromkeys(without, -1.0) | dict.fromkeys(open_or_not, 1.0)


def _measures(*names: str) -> tuple[str, ...]:
    return tuple(f"measures/{name}" for name in names)


WAYS = (
    Way(("criminal_incidents/all",), ("closed_incidents/all",)),
    Way(_measures("criminal_incidents"), _measures("closed")),
    # Each of them has been closed since: that is how its outcome is known.
    Way(_measures("charged_of_recorded"), _measures("charged_of_closed"), all_are_closed=True),
    Way(_measures("other_positive_of_recorded"), _measures("other_positive_of_closed"), all_are_closed=True),
    # Those without a positive outcome, of which some are open.
    Way(
        _measures("criminal_incidents", "charged_of_recorded", "other_positive_of_recorded"),
        _measures("closed", "charged_of_closed", "other_positive_of_closed"),
    ),
)


def knowing_the_way(table: Table) -> Table:
    """For a reader who knows that from the first quarter to any other no more incidents were closed than recorded, and,
    where all are closed, that over all quarters both are as many.

    Some are closed of which no record was sent, and quarters before the first are in no table. Where the counts say
    otherwise nothing is said, as who believes it learns nothing true. Where nothing was closed yet nobody has an
    outcome that could be told.
    """
    known = [one for one in _lines(table) if sum(table.counts[place] * times for place, times in one.items()) <= 0]
    rows = np.repeat(np.arange(len(known)), [len(one) for one in known])
    columns: Places = np.array([place for one in known for place in one], dtype=np.intp)
    times = np.array([times for one in known for times in one.values()])
    lines = sp.csr_array((times, (rows, columns)), shape=(len(known), table.size))
    return table.knowing(lines, np.zeros(len(known)), np.full(len(known), -1), ties_years=True)


def _lines(table: Table) -> Iterator[Sum]:
    """Sums that are no more than zero, if incidents are closed after they were recorded."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    keys = table.keys[["area_code", "part_code", "period_code"]].astype(str)
    for place, (area, part, period) in enumerate(keys.itertuples(index=False, name=None)):
        if " " in period:  # a quarter, after its year
            found.setdefault((area, part), {})[period] = place
    for way in WAYS:
        for area in sorted(area for area, part in found if part == way.recorded[0]):
            places = {part: found.get((area, part), {}) for part in way.times}
            if not table.counts[list(places[way.closed[0]].values())].any():
                continue
            up_to_each = list(accumulate(_by_quarter(way, places), or_))
            yield from up_to_each
            if way.all_are_closed:
                yield {place: -times for place, times in up_to_each[-1].items()}


def _by_quarter(way: Way, places: dict[str, dict[str, int]]) -> Iterator[Sum]:
    """How many more are closed than recorded."""
    for quarter in sorted({quarter for of_part in places.values() for quarter in of_part}):
        yield {of_part[quarter]: way.times[part] for part, of_part in places.items() if quarter in of_part}
