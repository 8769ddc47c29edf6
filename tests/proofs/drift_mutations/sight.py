"""Whether a mutation can be seen at all by someone who lays the clean and the changed distributions side by side.

Deliberately plain: each look at the changed columns is a table of counts. How far the counts of a window are from those
of all clean days (a G statistic) is divided by how far the clean windows themselves ever are. Below 1, nobody could
tell the changed days from clean ones by that look.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from proofs.drift_mutations.deliveries import Delivery, Feed, Row

type Look = Callable[[Row, date], object]
"""Into which cell of the table a record falls."""
type DailyCounts = Mapping[date, Counter[object]]

MOST_CELLS = 15
SETTLED_AFTER = 20
"""The first delivery days of a simulation, on which corrections and answers are still few."""
CODE_LENGTH = 60
LEAST_SWING = 4.0
"""The least width of the clean days' swings, also where they never differ: about the deviance that chance alone exceeds
once in twenty times."""


def looks(feed: Feed, senders: Sequence[str], columns: Sequence[str]) -> dict[str, Look]:
    """The groupings by which the senders' columns are looked at, by name."""
    found: dict[str, Look] = {}
    for column in columns:
        kind = feed.types.get(column, "string")
        if kind in ("timestamp", "date"):
            found |= _time_looks(feed, column)
        elif kind == "number" or column.endswith("_amount"):
            found[column] = _read(column, _size)
        else:
            found[column] = _read(column, _code)
            found[f"{column} length"] = _read(column, lambda value: len(str(value or "")) // 10)
    if len(columns) > 1:
        found["together"] = _read_together(*columns)
    if len(senders) > 1 and feed.sender_column is not None:
        found["sender"] = _read(feed.sender_column, _code)
        found |= {f"sender and {column}": _read_together(feed.sender_column, column) for column in columns}
    return found


def _read(column: str, cell: Callable[[object], object]) -> Look:
    return lambda row, _: cell(row.get(column))


def _read_together(*columns: str) -> Look:
    return lambda row, _: tuple(_code(row.get(column)) for column in columns)


def _read_between(earlier: str, later: str) -> Look:
    return lambda row, _: _between(row.get(earlier), row.get(later))


def counts_by_day(deliveries: Iterable[Delivery], senders: Sequence[str], look: Look) -> dict[date, Counter[object]]:
    """For each delivery day, how many of the senders' records fall into each cell."""
    counts: dict[date, Counter[object]] = defaultdict(Counter)
    for delivery in deliveries:
        of_day = counts[delivery.day]
        for row in delivery.rows:
            if delivery.sender_of(row) in senders:
                of_day[look(row, delivery.day)] += 1
    return counts


def visibility(clean: DailyCounts, changed: DailyCounts, days: Sequence[date], *, is_volume: bool) -> float:
    """How far the changed counts of ``days`` are from all clean ones, in widest swings of as many clean days.

    Of the ways to compare that fit (all cells at once, each cell against the rest, or the number of records), the
    one that shows it best. A single cell and the number are compared with swings in the same direction only: a busy day
    does not hide a silent one.
    """
    usual = sorted(clean)[SETTLED_AFTER:] or sorted(clean)
    number = len(days)
    if is_volume:
        totals = [clean[day].total() for day in usual]
        expected = sum(totals) * number / len(usual)
        swings = [_excess(sum(totals[start : start + number]), expected) for start in range(len(usual) - number + 1)]
        return _beyond(swings, _excess(sum(changed.get(day, Counter()).total() for day in days), expected))
    known = _sum(clean, usual)
    cells = [*_most(known), *(cell for cell in _most(_sum(changed, days)) if cell in known)]
    fold = _folded(list(dict.fromkeys(cells)), known)
    by_day = [fold(clean[day]) for day in usual]
    all_clean = _summed(by_day)
    windows = [_summed(by_day[start : start + number]) for start in range(len(usual) - number + 1)]
    now = fold(_sum(changed, days))
    seen = [_beyond([_share_distance(window, all_clean) for window in windows], _share_distance(now, all_clean))]
    for cell in range(len(all_clean)):
        swings = [_cell_excess(window, all_clean, cell) for window in windows]
        seen.append(_beyond(swings, _cell_excess(now, all_clean, cell)))
    return max(seen)


def _summed(days: Sequence[Sequence[int]]) -> list[int]:
    """Counts of several days, cell by cell."""
    return [sum(numbers) for numbers in zip(*days, strict=True)]


def _folded(cells: Sequence[object], known: Counter[object]) -> Callable[[Counter[object]], list[int]]:
    """Counts of these cells, then of all other known ones together, then of cells that clean days never have."""

    def fold(counts: Counter[object]) -> list[int]:
        single = [counts[cell] for cell in cells]
        unknown = sum(number for cell, number in counts.items() if cell not in known)
        return [*single, counts.total() - sum(single) - unknown, unknown]

    return fold


def _sum(counts: DailyCounts, days: Iterable[date]) -> Counter[object]:
    summed: Counter[object] = Counter()
    for day in days:
        summed.update(counts.get(day, {}))
    return summed


def _most(counts: Counter[object]) -> list[object]:
    return [cell for cell, _ in counts.most_common(MOST_CELLS)]


def _beyond(swings: Sequence[float], now: float) -> float:
    """``now`` divided by the widest swing of the clean days in its direction, which is at least :data:`LEAST_SWING`."""
    widest = max([LEAST_SWING, *(abs(swing) for swing in swings if swing * now > 0)])
    return abs(now) / widest


def _share_distance(seen: Sequence[int], usual: Sequence[int]) -> float:
    """G of the counts against usual shares."""
    shares = [number + 0.5 for number in usual]
    return _g(seen, [sum(seen) * share / sum(shares) for share in shares])


def _cell_excess(seen: Sequence[int], usual: Sequence[int], cell: int) -> float:
    """G of one cell against all others, negative where the cell is rarer than usual."""
    number = sum(seen)
    expected = number * (usual[cell] + 0.5) / (sum(usual) + 1)
    distance = _g([seen[cell], number - seen[cell]], [expected, number - expected])
    return math.copysign(distance, seen[cell] - expected)


def _excess(number: int, expected: float) -> float:
    """Deviance of a number of records, negative where there are fewer than expected."""
    logarithm = number * math.log(number / expected) if number else 0
    return math.copysign(2 * (logarithm - (number - expected)), number - expected)


def _g(seen: Sequence[float], expected: Sequence[float]) -> float:
    return 2 * sum(number * math.log(number / usual) for number, usual in zip(seen, expected, strict=True) if number)


def _time_looks(feed: Feed, column: str) -> dict[str, Look]:
    """Clock, day of the month, age on delivery, and what lies between the column and every other time."""
    others = [name for name, kind in feed.types.items() if kind in ("timestamp", "date") and name != column]
    found: dict[str, Look] = {
        f"{column} hour": lambda row, _: str(row.get(column))[11:13],
        f"{column} day of month": lambda row, _: str(row.get(column))[8:10],
        f"{column} age": lambda row, day: _age(row.get(column), day),
    }
    for other in others:
        found[f"{column} from {other}"] = _read_between(other, column)
    return found


def _age(value: object, day: date) -> int | None:
    if value is None:
        return None
    days = (day - date.fromisoformat(str(value)[:10])).days
    return days if days < 15 else 15 + days // 15


def _between(earlier: object, later: object) -> int | None:
    """Whole hours while they are few, and by their size beyond."""
    if earlier is None or later is None:
        return None
    hours = (_moment(later) - _moment(earlier)) / 3600
    size = round(6 + 2 * math.log2(abs(hours) / 6)) if abs(hours) >= 6 else abs(math.floor(hours))
    return size if hours >= 0 else -size


def _moment(value: object) -> float:
    moment = datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _code(value: object) -> object:
    """Codes as they are; of addresses the site; of other long texts only that they are given."""
    text = str(value) if value is not None else None
    if text is None:
        return None
    if text.startswith("http"):
        return text.split("/")[2]
    return text if len(text) <= CODE_LENGTH else "a text"


def _size(value: object) -> object:
    """Numbers as they are while they are small, and by their size beyond."""
    if value is None:
        return None
    number = float(str(value).replace(",", ""))
    return number if abs(number) < 6 else round(math.log2(abs(number)) * 4)
