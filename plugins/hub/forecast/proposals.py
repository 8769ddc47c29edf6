"""Which areas are proposed to a person for next week's tasking, and why: in one line, with nobody in it."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hub.forecast.panel import Floats
from hub.forecast.verdict import SMALLEST_SHOWN_COUNT

SHARE_PROPOSED = 0.1
"""Of the areas of a force."""
LEAST_REPORTS = 5
"""An area with fewer reports in twelve months is no hotspot: chance could have put it there."""
LEAST_AREAS = 10
"""Fewer areas than this leave none to explore."""
MAIN_STRANDS = 2
HIGH_RISK, NEIGHBOURS_TELL, RECENT_TELLS = 1.5, 0.25, 0.5


@dataclass(frozen=True)
class Candidates:
    """The areas of a panel with what the forecast says of them; arrays and sequences have an entry an area.

    ``rows`` are the forecast's columns over four weeks; ``strands`` the reports of twelve months by strand.
    """

    codes: Sequence[str]
    names: Sequence[str | None]
    forces: Sequence[str]
    bands: Sequence[str]
    residents: Floats
    rows: Mapping[str, Any]
    strands: Mapping[str, Floats]


def propose(
    candidates: Candidates,
    parameters: Mapping[str, float],
    cut_off: dt.date,
    selected_before: Collection[tuple[str, dt.date]],
) -> list[dict[str, Any]]:
    """The slots of all forces, numbered from 1: those that the model ranks highest, then one for an area that it knows
    least about, and one for an area that reports less than others like it."""
    review_by = cut_off + dt.timedelta(days=int(parameters["review_days"]))
    slots: list[dict[str, Any]] = []
    for force in sorted(set(candidates.forces)):
        own = np.flatnonzero(np.array(candidates.forces) == force)
        for area, selection, why, action in _chosen(candidates, own, parameters):
            slots.append(
                {
                    "slot": len(slots) + 1,
                    "area_code": candidates.codes[area],
                    "area_name": candidates.names[area],
                    "force_code": force,
                    "rank": int(candidates.rows["rank"][area]),
                    "why": why,
                    "expected_reports": float(candidates.rows["expected_reports"][area]),
                    "p05": int(candidates.rows["p05"][area]),
                    "p95": int(candidates.rows["p95"][area]),
                    "strands": _main_strands(candidates, area, parameters["least_strand_reports"]),
                    "action": action,
                    "stability_weeks": _weeks_in_a_row(candidates.codes[area], cut_off, selected_before),
                    "selection": selection,
                    "review_by": review_by,
                }
            )
    return slots


def _chosen(
    candidates: Candidates, own: np.ndarray[Any, Any], parameters: Mapping[str, float]
) -> Iterator[tuple[int, str, str, str]]:
    rows, taken = candidates.rows, set()
    most = int(min(parameters["slots_a_force"], max(1, round(SHARE_PROPOSED * len(own)))))
    for area in own[np.argsort(rows["rank"][own], kind="stable")][:most]:
        if rows["reports_12m"][area] >= LEAST_REPORTS:
            taken.add(int(area))
            yield int(area), "model", _why_high(rows, area), _action(rows, area)
    if len(own) < LEAST_AREAS or not taken:
        return
    unsure = (rows["rank_p95"] - rows["rank_p05"])[own]
    rest = [int(area) for area in own[np.argsort(-unsure, kind="stable")] if int(area) not in taken]
    for area in rest[: int(parameters["explore_slots"])]:
        taken.add(area)
        why = f"little is known of it: its place may be any from {rows['rank_p05'][area]} to {rows['rank_p95'][area]}"
        yield area, "explore", why, "engagement"
    missing = _missing_reports(candidates)
    quiet = [int(area) for area in own[np.argsort(-missing[own], kind="stable")] if int(area) not in taken]
    for area in quiet[: int(parameters["low_reporting_slots"])]:
        if missing[area] >= LEAST_REPORTS:
            like = missing[area] + rows["reports_12m"][area]
            reported = _reports(rows["reports_12m"][area])
            why = f"reports less than areas like it: {reported} in twelve months against {like:.0f}"
            yield area, "low_reporting", why, "reporting_outreach"


def _why_high(rows: Mapping[str, Any], area: int) -> str:
    high = "high now" if rows["share_recent"][area] >= RECENT_TELLS else "long-run high"
    reasons = [
        high if rows["relative_risk"][area] >= HIGH_RISK else "among the highest of its force",
        f"{_reports(rows['reports_4w'][area])} in 4 weeks, {rows['expected_reports'][area]:.1f} expected in the next",
        *(["recent reports weigh most"] if rows["share_recent"][area] >= RECENT_TELLS else []),
        *(["neighbours tell of it too"] if rows["share_neighbours"][area] >= NEIGHBOURS_TELL else []),
    ]
    return "; ".join(reasons)


def _reports(count: int) -> str:
    """A count as people who are sent there may read it: a small one could be about somebody whom they know."""
    return f"1 to {SMALLEST_SHOWN_COUNT - 1} reports" if 0 < count < SMALLEST_SHOWN_COUNT else f"{count} reports"


def _action(rows: Mapping[str, Any], area: int) -> str:
    """What flares up is answered by being seen; what has long been so by engagement."""
    return "visibility" if rows["share_recent"][area] >= RECENT_TELLS else "engagement"


def _missing_reports(candidates: Candidates) -> Floats:
    """Reports of twelve months that each area has less than its residents would make at the rate of its band."""
    missing = np.zeros(len(candidates.codes))
    bands = np.array(candidates.bands)
    for band in set(candidates.bands):
        alike = (bands == band) & np.isfinite(candidates.residents)
        if alike.any():
            reports, residents = candidates.rows["reports_12m"][alike], candidates.residents[alike]
            missing[alike] = residents * reports.sum() / residents.sum() - reports
    return missing


def _main_strands(candidates: Candidates, area: int, least: float) -> list[str]:
    counts = {strand: counted[area] for strand, counted in candidates.strands.items() if counted[area] >= least}
    return sorted(counts, key=lambda strand: (-counts[strand], strand))[:MAIN_STRANDS]


def _weeks_in_a_row(area: str, cut_off: dt.date, selected_before: Collection[tuple[str, dt.date]]) -> int:
    weeks = 1
    while (area, cut_off - dt.timedelta(weeks=weeks)) in selected_before:
        weeks += 1
    return weeks
