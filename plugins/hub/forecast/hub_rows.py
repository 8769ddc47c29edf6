"""The hub's own history of a panel, and what a forecast of it says, as rows for its tables."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from hub.forecast.area_rows import Known, Rows, strand_rows, whole_rows
from hub.forecast.calendar import Unit
from hub.forecast.hub_panel import Counts, counts_by_kind, make_panel
from hub.forecast.panel import Areas, Floats, Panel
from hub.forecast.walk_forward import HORIZONS, WalkResult

WEEK = dt.timedelta(weeks=1)
GROUP_KIND = "community_share"


@dataclass(frozen=True)
class AreaHistory:
    """The areas of a panel and their reports as known at the cut-off. Sequences have an entry an area; ``strands`` are
    the reports of each strand, ``sources`` the incidents of each origin over the last quarter by area, ``context``
    the counts of each kind other than the reports. ``count_outside`` reports are left out, as no area is theirs."""

    areas: Areas
    names: Sequence[str | None]
    forces: Sequence[str]
    lads: Sequence[str | None]
    bands: Sequence[str]
    rate_year: int | None
    whole: Counts
    strands: Mapping[str, Counts]
    shares: Mapping[str, float | None]
    sources: Mapping[str, Floats] = field(default_factory=dict)
    context: Mapping[str, Counts] = field(default_factory=dict)
    count_outside: int = 0

    def panel(self, unit: Unit, cut_off: dt.date) -> tuple[Panel, int]:
        """The panel to walk over, and the number of the period to forecast."""
        return make_panel(self.areas, self.whole, cut_off, unit, self.context)

    def first_event_on(self) -> dt.date | None:
        """First day of the first period with a report."""
        if not len(self.whole.starts):
            return None
        first: dt.date = self.whole.starts.min().astype(dt.date)
        return first

    def fingerprint(self) -> Iterator[bytes]:
        """Bytes that change with any area or count."""
        areas = self.areas
        yield repr((areas.ids, self.names, self.forces, self.bands, sorted(self.shares.items()))).encode()
        yield from (part.tobytes() for part in (areas.x_km, areas.y_km, areas.area_km2, areas.population))
        for name, counts in [("all", self.whole), *sorted(self.strands.items()), *sorted(self.context.items())]:
            yield name.encode()
            yield from (part.tobytes() for part in (counts.area, counts.starts, counts.known, counts.count))
        yield from (self.sources[origin].tobytes() for origin in sorted(self.sources))

    @cached_property
    def count(self) -> int:
        """How many areas."""
        return self.areas.count


@dataclass(frozen=True)
class HorizonRows:
    """Columns of all strands together and of each strand, over one horizon."""

    horizon: str
    whole: Rows
    strands: Mapping[str, Rows]

    def as_rows(self, history: AreaHistory, completeness: float) -> Iterator[dict[str, Any]]:
        """Rows of the table ``area_forecasts``. An area and strand without any report in twelve months has none."""
        for strand, columns in (("all", self.whole), *self.strands.items()):
            plain = {name: values.tolist() for name, values in columns.items()}
            for area, code in enumerate(history.areas.ids):
                if strand != "all" and not plain["reports_12m"][area]:
                    continue
                values = {name: _or_none(listed[area]) for name, listed in plain.items()}
                yield {
                    "area_code": code,
                    "strand_code": strand,
                    "horizon": self.horizon,
                    "area_name": history.names[area],
                    "force_code": history.forces[area],
                    "lad_code": history.lads[area],
                    "rate_year": history.rate_year,
                    "completeness": completeness,
                    **values,
                }


def area_history(
    areas: Sequence[Any], rows: Sequence[Any], cut_off: dt.date, others: Sequence[Any] = ()
) -> AreaHistory:
    """From rows of the areas and of their counts, weekly with strands or monthly without, and for ``others`` from rows
    a kind and month, in that order, with the areas and their counts."""
    number = {area.area_code: place for place, area in enumerate(areas)}
    by_strand: dict[str, list[Any]] = {}
    outside = 0
    for row in rows:
        strand = getattr(row, "strand_code", "all")
        if row.area_code in number:
            by_strand.setdefault(strand, []).append(row)
        elif strand == "all":
            outside += row.count_reports
    whole = by_strand.pop("all", [])
    years = {area.residents_year for area in areas} - {None}
    return AreaHistory(
        areas=Areas(
            ids=tuple(number),
            x_km=_floats(area.x_km for area in areas),
            y_km=_floats(area.y_km for area in areas),
            area_km2=_floats(area.area_km2 for area in areas),
            population=_floats(area.count_residents for area in areas),
        ),
        names=[area.area_name for area in areas],
        forces=[area.force_code for area in areas],
        lads=[area.lad_code for area in areas],
        bands=[area.community_band for area in areas],
        rate_year=min(years, default=None),
        whole=_counts(whole, number),
        strands={strand: _counts(of_strand, number) for strand, of_strand in sorted(by_strand.items())},
        shares=_shares(whole, cut_off),
        context=counts_by_kind(others, number),
        count_outside=outside,
    )


def online_history(rows: Sequence[Any], cut_off: dt.date) -> AreaHistory:
    """Cells of platform, strand and community band, each an area: every combination of what was ever seen."""
    seen = [sorted({row[part] for row in rows}) for part in range(3)]
    cells = [(platform, strand, band) for platform in seen[0] for strand in seen[1] for band in seen[2]]
    number = {cell: place for place, cell in enumerate(cells)}
    unknown = np.full(len(cells), np.nan)
    trained = [row for row in rows if row.is_trained_on]
    sources = {
        origin: np.zeros(len(cells)) for origin in ("public", "third_party", "volunteer", "officer", "unclassified")
    }
    for row in rows:
        if row.known_week_starts_on >= cut_off - 13 * WEEK:
            sources[row.report_origin][number[row[0], row[1], row[2]]] += row.count_incidents
    return AreaHistory(
        areas=Areas(tuple("/".join(cell) for cell in cells), unknown, unknown, unknown, unknown),
        names=[cell[0] for cell in cells],
        forces=[cell[1] for cell in cells],
        lads=[None] * len(cells),
        bands=[cell[2] for cell in cells],
        rate_year=None,
        whole=Counts(
            area=np.array([number[row[0], row[1], row[2]] for row in trained], dtype=np.int64),
            starts=np.array([row.week_starts_on for row in trained], dtype="datetime64[D]"),
            known=np.array([row.known_week_starts_on for row in trained], dtype="datetime64[D]"),
            count=np.array([row.count_incidents for row in trained], dtype=np.int64),
        ),
        strands={},
        shares={},
        sources=sources,
    )


def rows_of_areas(walked: WalkResult, history: AreaHistory, cut_off: dt.date) -> tuple[dict[str, HorizonRows], float]:
    """The columns of each horizon, and how complete the last four weeks are, or the last month."""
    unit: Unit = "week" if "week" in walked.tested else "month"
    whole = _known(history.whole, history.count, cut_off, unit, walked.completeness)
    strands = {
        name: _known(counts, history.count, cut_off, unit, walked.completeness)
        for name, counts in history.strands.items()
    }
    residents = history.areas.population
    made = {
        horizon: HorizonRows(
            horizon,
            whole_rows(walked, span, whole, residents),
            {name: strand_rows(walked, span, whole, known, residents) for name, known in strands.items()},
        )
        for horizon, span in HORIZONS[unit].items()
    }
    return made, _completeness(whole, walked)


def online_rows(
    walked: WalkResult,
    history: AreaHistory,
    cut_off: dt.date,
    authors: Mapping[tuple[str, str, str], int],
    hours: Mapping[str, float],
) -> tuple[list[dict[str, Any]], float]:
    """Rows of the table ``online_forecasts``, and how complete the last four weeks are."""
    known = _known(history.whole, history.count, cut_off, "week", walked.completeness)
    completeness = _completeness(known, walked)
    thirteen = [cut_off - weeks * WEEK for weeks in range(14)]
    before = _nowcast(history.whole, history.count, thirteen, walked.completeness) / 13
    of_all = sum(history.sources.values(), np.zeros(history.count))
    forecast = walked.forecast
    rows = []
    for cell in range(history.count):
        key = (str(history.names[cell]), history.forces[cell], history.bands[cell])
        shares = {
            origin: float(counts[cell] / of_all[cell]) if of_all[cell] else None
            for origin, counts in history.sources.items()
        }
        rows.append(
            {
                "provider_code": key[0],
                "strand_code": key[1],
                "community_band": key[2],
                "week_starts_on": cut_off,
                "expected_reports": float(forecast.expected[cell]),
                "p05": int(forecast.low[cell]),
                "p95": int(forecast.high[cell]),
                "growth_13w": float(forecast.expected[cell] / before[cell]) if before[cell] else None,
                "share_public": shares["public"],
                "share_third_party": shares["third_party"],
                "share_volunteer": shares["volunteer"],
                "share_police": shares["officer"],
                "moderation_hours": hours.get(key[0]),
                "completeness": completeness,
                "count_authors": authors.get(key, 0),
            }
        )
    return rows, completeness


def groups_of(walked: WalkResult, history: AreaHistory, slots: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the table ``group_scores``: areas by community band, from the shortest horizon's test."""
    tested = next(iter(walked.tested.values()))
    bands = np.array(history.bands)
    proposed = [slot["area_code"] for slot in slots]
    reports, caught = (np.broadcast_to(values, len(bands)) for values in (tested.reports, tested.caught))
    groups = []
    for band in sorted(set(history.bands)):
        is_in = bands == band
        residents = history.areas.population[is_in]
        groups.append(
            {
                "group_kind": GROUP_KIND,
                "group_code": band,
                "count_areas": int(is_in.sum()),
                "count_residents": int(residents.sum()) if np.isfinite(residents).all() else None,
                "count_reports": int(reports[is_in].sum()),
                "count_caught": int(caught[is_in].sum()),
                "count_slots": sum(code in proposed for code, own in zip(history.areas.ids, is_in, strict=True) if own),
            }
        )
    return groups


def _counts(rows: Sequence[Any], number: Mapping[str, int]) -> Counts:
    counted = [row for row in rows if row.count_reports]
    starts = [getattr(row, "week_starts_on", None) or row.month for row in counted]
    known = [getattr(row, "known_week_starts_on", None) or row.month for row in counted]
    return Counts(
        area=np.array([number[row.area_code] for row in counted], dtype=np.int64),
        starts=np.array(starts, dtype="datetime64[D]"),
        known=np.array(known, dtype="datetime64[D]"),
        count=np.array([row.count_reports for row in counted], dtype=np.int64),
    )


def _shares(rows: Sequence[Any], cut_off: dt.date) -> dict[str, float | None]:
    """Where the incidents of the last twelve months are from; empty of counts that do not tell."""
    recent = [row for row in rows if hasattr(row, "count_volunteer") and row.week_starts_on >= cut_off - 52 * WEEK]
    trained = sum(row.count_reports for row in recent)
    parts = {
        name: sum(getattr(row, f"count_{name}") for row in recent)
        for name in ("third_party", "officer_generated", "volunteer")
    }
    of_all = trained + parts["officer_generated"] + parts["volunteer"]
    return {
        "share_third_party": parts["third_party"] / trained if trained else None,
        "share_officer_generated": parts["officer_generated"] / of_all if of_all else None,
        "share_volunteer": parts["volunteer"] / of_all if of_all else None,
    }


def _known(counts: Counts, areas: int, cut_off: dt.date, unit: Unit, completeness: Floats) -> Known:
    if unit == "week":
        starts, year_before = [cut_off - weeks * WEEK for weeks in range(5)], cut_off - 52 * WEEK
    else:
        starts, year_before = [cut_off, _month_before(cut_off)], cut_off.replace(year=cut_off.year - 1)
    nowcast = _nowcast(counts, areas, starts, completeness)
    return Known(counts.since(starts[-1], areas), counts.since(year_before, areas), nowcast)


def _nowcast(counts: Counts, areas: int, starts: Sequence[dt.date], completeness: Floats) -> Floats:
    """Reports an area since the last of ``starts`` as they will be once all is known. ``starts`` are of periods, the
    latest first; ``completeness`` is of each period, the latest last."""
    since = [counts.since(start, areas) for start in starts]
    nowcast = np.zeros(areas)
    for age in range(min(len(starts) - 1, len(completeness))):
        nowcast += (since[age + 1] - since[age]) / completeness[-1 - age]
    return nowcast


def _month_before(first: dt.date) -> dt.date:
    return (first - dt.timedelta(days=1)).replace(day=1)


def _completeness(known: Known, walked: WalkResult) -> float:
    nowcast = float(known.nowcast_4w.sum())
    return float(known.reports_4w.sum()) / nowcast if nowcast else float(walked.completeness[-4:].mean())


def _floats(values: Iterator[Any]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
