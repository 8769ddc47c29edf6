"""Recorded crime of the Metropolitan Police in its wide form: an LSOA file a month as CSV, and the borough file of the
last month as Parquet. Each issue has the month columns of two years, so every month drops one and adds one."""

from datetime import date

import numpy as np
import pyarrow as pa

from hub.simulate.cells import TEXT, pick
from hub.simulate.dirt import Dirt, soil
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.rows import FeedRows, Truth, clean_rows

MONTHS_KEPT = 24
LONDON = "E23000001"
CATEGORIES = (
    ("PUBLIC ORDER OFFENCES", "RACE OR RELIGIOUS AGG PUBLIC FEAR", 0.22),
    ("PUBLIC ORDER OFFENCES", "PUBLIC FEAR ALARM OR DISTRESS", 0.5),
    ("VIOLENCE AGAINST THE PERSON", "STALKING AND HARASSMENT", 1.1),
    ("VIOLENCE AGAINST THE PERSON", "VIOLENCE WITHOUT INJURY", 1.3),
    ("ARSON AND CRIMINAL DAMAGE", "CRIMINAL DAMAGE", 0.9),
    ("THEFT", "SHOPLIFTING", 1.0),
)
RECORDED_DIRT = (
    Dirt("minor_category.known", {"minor_category": "RACE OR RELIGIOUS AGGRAVATED PUBLIC FEAR"}),
    Dirt("area_name.required", {"borough": None}),
    Dirt("counts.type", {}),
    Dirt("row.cells"),
)


def recorded_rows(plan: Plan, places: Places) -> list[FeedRows]:
    """The LSOA files, one a month, then the borough file. Each has headers of its own, so they are apart."""
    chance = plan.chance("mps_recorded_crime")
    london = [place for place, force in enumerate(places.force) if places.forces[force] == LONDON]
    last = plan.months[-1]
    first = _months_before(last, MONTHS_KEPT + len(plan.months) - 1)
    rates = np.array([rate for _, _, rate in CATEGORIES])
    areas = [(place, code) for place in london for code in places.lsoa_codes[place]]
    level = chance.gamma(2.0, 0.5, size=(len(areas), 1, 1)) * rates[None, :, None]
    counts = chance.poisson(level, size=(len(areas), len(CATEGORIES), MONTHS_KEPT + len(plan.months) - 1))
    months = [_month_after(first, step) for step in range(counts.shape[2])]
    files = [
        _lsoa_file(places, areas, counts[:, :, step : step + MONTHS_KEPT], months[step : step + MONTHS_KEPT], chance)
        for step in range(len(plan.months))
    ]
    owner = np.array([london.index(place) for place, _ in areas])
    boroughs = np.zeros((len(london), *counts.shape[1:]), dtype=np.int64)
    np.add.at(boroughs, owner, counts)
    return [*files, _borough_file(places, london, boroughs[:, :, -MONTHS_KEPT:], months[-MONTHS_KEPT:])]


def _lsoa_file(
    places: Places,
    areas: list[tuple[int, str]],
    counts: np.ndarray,
    months: list[date],
    chance: np.random.Generator,
) -> FeedRows:
    area, category = _all_pairs(len(areas), len(CATEGORIES))
    place = np.array([one for one, _ in areas])[area]
    cells = {
        "lsoa_code": pick([code for _, code in areas], area),
        "lsoa_name": pick(
            [f"{places.lad_names[one]} {number % 900 + 1:03}A" for number, (one, _) in enumerate(areas)], area
        ),
        "borough": pick(places.lad_codes, place),
        **_categories(category),
        **_month_columns(counts, months),
    }
    name = f"mps_recorded_crime_{months[-1]:%Y-%m}_lsoa.csv"
    count = len(area)
    return _with_bad_counts(
        soil(
            clean_rows("mps_recorded_crime", cells, [name], np.zeros(count, np.int64), Truth.none(count)),
            RECORDED_DIRT,
            chance,
        )
    )


def _borough_file(places: Places, london: list[int], counts: np.ndarray, months: list[date]) -> FeedRows:
    area, category = _all_pairs(len(london), len(CATEGORIES))
    cells = {
        "majortext": pick([major for major, _, _ in CATEGORIES], category),
        "minortext": pick([minor for _, minor, _ in CATEGORIES], category),
        "boroughname": pick([places.lad_names[place] for place in london], area),
        **_month_columns(counts, months),
    }
    name = f"mps_recorded_crime_{months[-1]:%Y-%m}_borough.parquet"
    return clean_rows("mps_recorded_crime", cells, [name], np.zeros(len(area), np.int64), Truth.none(len(area)))


def _with_bad_counts(rows: FeedRows) -> FeedRows:
    """A thousands separator in the last month's column, where the dirt is of that kind."""
    if "counts.type" not in rows.rules:
        return rows
    mask = rows.broken_rule == rows.rules.index("counts.type")
    last = rows.cells.column_names[-1]
    values = pa.compute.if_else(pa.array(mask), pa.scalar("1,024", TEXT), rows.cells[last])
    cells = rows.cells.set_column(len(rows.cells.column_names) - 1, last, values)
    return FeedRows(rows.feed, cells, rows.file_names, rows.file, rows.truth, rows.rules, rows.broken_rule)


def _all_pairs(count_areas: int, count_categories: int) -> tuple[np.ndarray, np.ndarray]:
    area = np.repeat(np.arange(count_areas), count_categories)
    return area, np.tile(np.arange(count_categories), count_areas)


def _categories(category: np.ndarray) -> dict[str, pa.Array]:
    return {
        "major_category": pick([major for major, _, _ in CATEGORIES], category),
        "minor_category": pick([minor for _, minor, _ in CATEGORIES], category),
    }


def _month_columns(counts: np.ndarray, months: list[date]) -> dict[str, pa.Array]:
    flat = counts.reshape(-1, len(months))
    return {f"{month:%Y%m}": pa.array(flat[:, place]).cast(TEXT) for place, month in enumerate(months)}


def _month_after(month: date, steps: int) -> date:
    number = month.year * 12 + month.month - 1 + steps
    return date(number // 12, number % 12 + 1, 1)


def _months_before(month: date, count: int) -> date:
    return _month_after(month, 1 - count)
