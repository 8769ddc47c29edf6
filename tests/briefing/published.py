"""Made-up rows as the published views would hold them."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from hub.briefing.tables import QUERIES, PublishedTables
from hub.publish.tiles import read_tiles

CUT_OFF = dt.date(2026, 10, 12)
SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
WITHHELD = "log score is not surely better than the long-run mean's"
OUTSIDE = "observed over expected in all is 1.080, outside 0.95 to 1.05"


def names() -> dict[str, str]:
    """Names of forces and boroughs by code, from the code lists."""
    told: dict[str, str] = {}
    for seed, code, name in (
        ("police_forces.csv", "force_code", "force_name"),
        ("local_authorities.csv", "lad_code", "lad_name"),
    ):
        with (SEEDS / seed).open(encoding="utf-8", newline="") as file:
            told |= {row[code]: row[name] for row in csv.DictReader(file)}
    return told


def forecasts(level: str, map_code: str) -> list[dict[str, Any]]:
    """A forecast of every area of a map, most first; the third area's latest weeks are half known."""
    named, made = names(), []
    for number, tile in enumerate(read_tiles(map_code)):
        expected = 60 / (number + 1)
        row: dict[str, Any] = {"panel": level, "area_code": tile.area_code, "area_name": named[tile.area_code]}
        row |= {"cut_off": CUT_OFF, "expected_reports": expected}
        row |= {"p05": int(expected * 0.5), "p95": int(expected * 1.6) + 1}
        row |= {"rank": number + 1, "rank_p05": max(1, number - 2), "rank_p95": number + 4}
        row |= {"completeness": 0.5 if number == 2 else 0.96}
        row |= {"caveat_code": "incomplete" if number == 2 else "none"}
        row |= {"caveat": "less than nine tenths of the last four weeks is known" if number == 2 else None}
        made.append(row)
    return made


def run(panel: str, because: str | None = None, cut_off: dt.date = CUT_OFF) -> dict[str, Any]:
    """The latest run of a panel, withheld where there is a reason."""
    return {"panel": panel, "cut_off": cut_off, "is_withheld": because is not None, "withheld_because": because}


def published(**rows: list[dict[str, Any]]) -> PublishedTables:
    """A publish with these rows, and none in the tables that are not named."""
    return PublishedTables(
        publish_id=7,
        data_as_of=dt.datetime(2026, 10, 11, 22, 30, tzinfo=dt.UTC),
        published_at=dt.datetime(2026, 10, 12, 5, 0, tzinfo=dt.UTC),
        count_rows_simulated=0,
        rows={name: rows.get(name, []) for name in QUERIES},
    )


def measured(name: str, month: int, numerator: int, denominator: int | None = None) -> dict[str, Any]:
    """A measure of success in a month of 2026: a count, or a share where there is something that it is of."""
    row: dict[str, Any] = {"measure_name": name, "month": dt.date(2026, month, 1), "numerator": numerator}
    row |= {"denominator": denominator, "measure_value": numerator if denominator is None else numerator / denominator}
    row |= {
        "value_form": "count" if denominator is None else "share",
        "unit": "reports" if denominator is None else "share",
    }
    return row | {"base_size": denominator or 900, "base_definition": "Reports of incidents"}


def filled(month: int, days_over: int, beyond: int) -> dict[str, Any]:
    """The hub's capacity in a month of 2026."""
    days = {"count_working_days": 21, "count_days_over": days_over}
    return {"month": dt.date(2026, month, 1), **days, "count_beyond_capacity": beyond}


def full_week() -> PublishedTables:
    """Something in every table; the small areas are withheld."""
    return published(
        success=[
            *(measured("Reports investigated", month, count) for month, count in ((8, 210), (9, 300), (10, 90))),
            *(measured("Victims confident", month, count, 40) for month, count in ((8, 20), (9, 22))),
        ],
        capacity=[filled(8, 1, 4), filled(9, 3, 17)],
        forecasts=[*forecasts("force", "forces"), *forecasts("local_authority", "boroughs")],
        runs=[run("force"), run("local_authority"), run("lsoa", WITHHELD), run("online")],
        tasking=[
            {
                "force_code": "E23000001",
                "area_level": "local_authority",
                "area_code": "E09000030",
                "area_name": "Tower Hamlets",
                "rank": number,
                "why": "long-run high; 1 to 4 reports in 4 weeks, 0.9 expected in the next; neighbours rising",
                "horizon": "four_weeks",
                "expected_reports": 4.2,
                "p05": 1,
                "p95": 8,
                "strands": ["race", "faith"],
                "action": "reporting_outreach",
                "stability_weeks": 3,
                "selection": "model",
                "review_by": dt.date(2026, 11, 9),
            }
            for number in (1, 2)
        ],
        online=[
            {
                "week_starts_on": CUT_OFF,
                "provider_code": "video_site",
                "strand_code": "disability",
                "community_band": "fifth_4",
                "expected_reports": 23.4,
                "p05": 14,
                "p95": 34,
                "growth_13w": 2.3,
                "completeness": 0.997,
                "count_authors": 14,
                "caveat_code": "none",
                "caveat": None,
            }
        ],
        themes=[
            {
                "strand_code": "transgender",
                "provider_code": "video_site",
                "count_reports_4w": 31,
                "expected_4w": 12.3,
                "growth": 2.52,
                "count_repeat_victims": None,
                "count_repeat_content": 6,
                "evidence": "31 reports in four weeks against 12.3 to be expected from the thirteen weeks before",
            }
        ],
        questions=[
            {
                "force_name": force,
                "question": "Which of the 9 allocations past their date will be answered this week?",
                "evidence": "9 of 40 allocations are past the date for an answer",
                "evidence_view": "overdue_allocations_v1",
            }
            for force in ("Cumbria Constabulary", "Kent Police", "Kent Police")
        ],
        evaluation=[
            {
                "panel": "force",
                "horizon": "week",
                "method_code": method,
                "is_best_baseline": gain is not None,
                "budget": 0.05,
                "count_periods": 52,
                "hit_rate": 0.31,
                "pai": 6.2,
                "bits_per_event": 0.456,
                "coverage_90": 0.93,
                "outside_ranges": "observed over expected in all is 1.080, outside 0.95 to 1.05"
                if gain is None
                else None,
                "bits_gain": gain,
                "bits_gain_low": gain and gain - 0.02,
                "is_suppressed": False,
                "is_withheld": False,
                "withheld_because": None,
            }
            for method, gain in (("stack", None), ("long_run_mean", 0.05))
        ],
        equity=[
            {
                "panel": "local_authority",
                "group_kind": "community_share",
                "group_code": f"fifth_{fifth}",
                "count_areas": 66,
                "share_residents": 0.2,
                "share_reports": 0.1 * fifth,
                "share_tasking": 0.2,
                "hit_rate": 0.4,
            }
            for fifth in (1, 5)
        ],
        compared=[{"count_themes": 12, "count_compared": 12}],
        feeds=[
            {
                "feed_title": "Programme spend",
                "count_rows_accepted": 33,
                "count_rows_quarantined": 1,
                "count_deliveries_held": 0,
                "count_deliveries_refused": 0,
                "is_late": False,
            }
        ],
        measures=[
            {
                "measure_name": name,
                "first_month": dt.date(2026, 9, 1),
                "last_month": dt.date(2026, 9, 1),
                "most_rows": 1,
            }
            for name in ("Claimed of what was spent", "Spent of the budget")
        ],
    )
