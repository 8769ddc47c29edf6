"""The five measures of success and the hub's capacity, against the month before, and which changes may be chance."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from scipy.stats import binomtest, fisher_exact

from hub.briefing.phrases import UNKNOWN, month, share
from hub.briefing.tables import Row
from hub.documents.content import Section, Table

TITLE = "The five measures of success"
BY_CHANCE = 0.05
"""A change is called more than chance where one as large would come in fewer than so many months in which nothing
changed."""
FEW = 30


def success_section(measures: Sequence[Row], capacity: Sequence[Row], as_of: date | None) -> Section:
    """Each measure in the last month that is over, or in the one that began the hub, beside the month before."""
    if not measures or as_of is None:
        return Section("success", TITLE, ("No measure has been counted yet.",))
    shown = _month_shown([row["month"] for row in measures], as_of)
    before = _first_of(shown - timedelta(days=1))
    by_measure: dict[str, dict[date, Row]] = {}
    for row in measures:
        by_measure.setdefault(row["measure_name"], {})[row["month"]] = row
    table = Table(
        f"{month(shown)} against the month before",
        ("Measure", month(shown), "Month before", "Rests on", "Change"),
        [(name, *_cells(months.get(shown), months.get(before))) for name, months in by_measure.items()],
        (28, 14, 14, 24, 20),
        frozenset({1, 2}),
    )
    lead = (
        "A change is called more than chance where, had nothing changed, one as large would come in fewer than one "
        f"month in {1 / BY_CHANCE:.0f}. Months with fewer days are allowed for; many reports of one event are not, and "
        "count as a change."
    )
    if _is_running(shown, as_of):
        lead = f"{month(shown)} is not over. {lead}"
    return Section("success", TITLE, (lead,), list(_capacity(capacity, shown, before)), tables=(table,))


def _first_of(day: date) -> date:
    return day.replace(day=1)


def _next(first: date) -> date:
    return _first_of(first + timedelta(days=31))


def _is_running(shown: date, as_of: date) -> bool:
    return _next(shown) > as_of


def _month_shown(months: Sequence[date], as_of: date) -> date:
    over = [one for one in months if not _is_running(one, as_of)]
    return max(over or months)


def _cells(row: Row | None, before: Row | None) -> tuple[str, ...]:
    if row is None:
        return (UNKNOWN, _value(before), UNKNOWN, UNKNOWN)
    rests_on = f"{row['base_size']:,.0f} ({row['base_definition']})" if row["base_size"] is not None else UNKNOWN
    if row["unit"] == "share" and row["base_size"] is not None and row["base_size"] < FEW:
        rests_on += ": few"
    return (_value(row), _value(before), rests_on, _change(row, before))


def _value(row: Row | None) -> str:
    if row is None or row["measure_value"] is None:
        return UNKNOWN
    value = float(row["measure_value"])
    return share(value) if row["unit"] == "share" else f"{value:,.{_decimals(row)}f} {row['unit']}"


def _decimals(row: Row) -> int:
    """A mean has one; counts, and hours of many cases, are whole."""
    return 1 if row["value_form"] == "share" else 0


def _change(row: Row, before: Row | None) -> str:
    if before is None or row["measure_value"] is None or before["measure_value"] is None:
        return "no month to compare"
    difference = float(row["measure_value"]) - float(before["measure_value"])
    size = f"{100 * difference:+.0f} points" if row["unit"] == "share" else f"{difference:+,.{_decimals(row)}f}"
    likely = how_likely(row, before)
    if likely is None:
        return size
    return f"{size}, {'more than chance' if likely < BY_CHANCE else 'chance may be all'}"


def how_likely(row: Row, before: Row) -> float | None:
    """How likely a change at least as large is where nothing changed: of counts by the binomial test of the two, each
    month with its days; of shares by Fisher's exact test. None for what is neither, such as hours saved."""
    if row["unit"] == "share":
        counts = [[int(one["numerator"]), int(one["denominator"]) - int(one["numerator"])] for one in (row, before)]
        return float(fisher_exact(counts).pvalue)
    if row["value_form"] != "count":
        return None
    now, then = int(row["numerator"]), int(before["numerator"])
    if now + then == 0:
        return 1.0
    days, days_before = (float((_next(one["month"]) - one["month"]).days) for one in (row, before))
    return float(binomtest(now, now + then, days / (days + days_before)).pvalue)


def _capacity(rows: Sequence[Row], shown: date, before: date) -> Iterator[str]:
    by_month = {row["month"]: row for row in rows}
    if row := by_month.get(shown):
        told = (
            f"Capacity: on {row['count_days_over']:,} of {row['count_working_days']:,} working days more came than the "
            f"hub's posts allow for; {row['count_beyond_capacity']:,} incidents stayed with their local forces for that"
        )
        then = by_month.get(before)
        yield f"{told} ({then['count_beyond_capacity']:,} the month before)." if then else f"{told}."
