"""Tiny made-up towns: areas on a line or a grid, a few of which report most."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from hub.forecast.calendar import Calendar, Unit
from hub.forecast.context_file import with_context
from hub.forecast.model import Forecast, Forecaster
from hub.forecast.panel import Areas, Events, Panel, read_panel

FIRST_TEST = dt.date(2023, 3, 6)


def make_town(
    *,
    count_areas: int = 77,
    weeks: int = 80,
    before: int = 50,
    reports_a_week: float = 12,
    seed: int = 7,
    has_places: bool = True,
    has_population: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events and areas; a tenth of the areas, scattered, report most; a third of reports come weeks late."""
    random = np.random.default_rng(seed)
    across = int(np.ceil(np.sqrt(count_areas)))
    number = np.arange(count_areas)
    areas = pd.DataFrame({"area_id": [f"W{one:03d}" for one in number]})
    if has_places:
        areas["x_km"], areas["y_km"] = (number % across) * 0.5, (number // across) * 0.5
    if has_population:
        areas["population"] = random.integers(900, 3000, count_areas)
    rate = random.gamma(0.4, size=count_areas) + 0.01
    start = np.datetime64(FIRST_TEST - dt.timedelta(weeks=before))
    total = random.poisson(reports_a_week * weeks)
    occurred = start + random.integers(0, 7 * weeks, total).astype("timedelta64[D]")
    late = np.where(random.random(total) < 0.33, random.integers(0, 60, total), 0).astype("timedelta64[D]")
    events = pd.DataFrame(
        {
            "area_id": areas["area_id"].to_numpy()[random.choice(count_areas, total, p=rate / rate.sum())],
            "occurred_on": occurred.astype(str),
            "reported_on": (occurred + late).astype(str),
        }
    )
    return events, areas


def write_town(folder: Path, events: pd.DataFrame, areas: pd.DataFrame) -> tuple[Path, Path]:
    """Write both files; returns their paths."""
    paths = folder / "events.csv", folder / "areas.csv"
    events.to_csv(paths[0], index=False)
    areas.to_csv(paths[1], index=False)
    return paths


def read_town(
    folder: Path, events: pd.DataFrame, areas: pd.DataFrame, *, unit: Unit = "week", as_of_reported: bool = False
) -> Panel:
    """The panel of a town, by way of its files."""
    paths = write_town(folder, events, areas)
    return read_panel(*paths, unit=unit, first_test=FIRST_TEST, as_of_reported=as_of_reported)


def make_context(*, before: int = 50, weeks: int = 80) -> pd.DataFrame:
    """Counts of two kinds each fourth week in the areas of the town that ``make_town`` makes: brawls, five times as
    many as reports are likely, and thefts, which lie anywhere."""
    random = np.random.default_rng(11)
    # Of the same seed come the same likely areas: so many reports show them, and are others than the town's own.
    many, areas = make_town(reports_a_week=1000)
    rate = 12 * areas["area_id"].map(many["area_id"].value_counts(normalize=True)).fillna(0).to_numpy()
    rows = []
    for week in range(-before, weeks - before, 4):
        day = (FIRST_TEST + dt.timedelta(weeks=week)).isoformat()
        for kind, mean in (("brawl", 20 * rate), ("theft", np.full(len(areas), 3.0))):
            counts = random.poisson(mean)
            rows += [
                (area, day, kind, count) for area, count in zip(areas["area_id"], counts.tolist(), strict=True) if count
            ]
    return pd.DataFrame(rows, columns=["area_id", "occurred_on", "kind", "count"])


def add_context(folder: Path, panel: Panel, context: pd.DataFrame) -> Panel:
    """The panel with counts of other kinds, by way of their file."""
    path = folder / "context.csv"
    context.to_csv(path, index=False)
    return with_context(panel, path)


def forecast(panel: Panel, upto: int | None = None) -> dict[int, Forecast]:
    """The forecasts of the test periods, by period."""
    forecaster = Forecaster(panel)
    last = panel.last if upto is None else upto
    made = [forecaster.step(period) for period in range(min(0, int(panel.events.occurred.min())), last + 1)]
    return {one.period: one for one in made if one.period >= 0}


def make_counted_town(
    *, areas: int, weeks: int, before: int, a_week: float, evenness: float, seed: int, scatter: float = 0.0
) -> Panel:
    """A panel of weekly counts whose areas never change: rates of a gamma distribution of that shape, the level the
    same in all weeks, or scattered by a log-normal factor."""
    random = np.random.default_rng(seed)
    rate = random.gamma(evenness, size=areas) + 0.001
    level = a_week * np.exp(random.normal(0, scatter, (weeks, 1)) - scatter**2 / 2)
    counts = random.poisson(level * rate / rate.sum())
    number, nothing = np.arange(areas), np.full(areas, np.nan)
    x_km, y_km = (np.array(places, dtype=np.float64) / 2 for places in (number % 9, number // 9))
    listed = Areas(tuple(f"W{one:03d}" for one in number), x_km, y_km, nothing, nothing)
    week, area = np.nonzero(counts)
    events = Events.tally(area, week - before, week - before, counts[week, area])
    return Panel(listed, events, Calendar("week", FIRST_TEST), weeks - before - 1, False, 0, 0)
