"""After an event an area sees more for weeks, where a plan has waves; then forecasts have something to find."""

import csv
from datetime import date

import numpy as np
import pytest

from hub.forecast.hub_panel import Counts, make_panel
from hub.forecast.panel import Areas
from hub.forecast.walk_forward import walk_forward
from hub.settings import read_settings
from hub.simulate.calendar import EPOCH_ORDINAL, day_weights
from hub.simulate.plan import Plan
from hub.simulate.waves import FADING_DAYS, make_waves
from hub.simulate.world import World, make_world

HISTORY = Plan(reports=3_000, days=600, seed=20160701, end=date(2026, 11, 28), has_waves=True)
"""As ``hub run --samples history`` makes it."""
CUT_OFF = date(2026, 11, 23)
"""The week that is forecast: what is known before it may tell."""
AUTHORITIES = read_settings({}).project / "dbt_project" / "seeds" / "local_authorities.csv"


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(HISTORY)


def test_an_area_sees_more_for_weeks_after_an_event_than_before_it(world: World) -> None:
    waves = make_waves(HISTORY, world.places)
    day = world.incidents.occurred_day - (HISTORY.start.toordinal() - EPOCH_ORDINAL)
    before = after = 0
    for start, place in zip(np.argmax(waves.extra > 0, axis=0), waves.place, strict=True):
        here = day[world.incidents.place == place] - start
        before += int(((here >= -FADING_DAYS) & (here < 0)).sum())
        after += int(((here >= 0) & (here < FADING_DAYS)).sum())
    assert after > 3 * before


def test_a_plan_without_waves_has_the_days_and_places_that_it_had(world: World) -> None:
    plan = Plan(reports=100, days=60, seed=3)
    waves = make_waves(plan, world.places)
    assert np.array_equal(waves.day_shares(plan), day_weights(plan))
    assert set(waves.place_of(plan.chance("in waves"), np.arange(60))) == {-1}


@pytest.mark.long
def test_forecasts_of_a_history_with_waves_are_better_than_every_baseline(world: World) -> None:
    with AUTHORITIES.open(encoding="utf-8", newline="") as file:
        codes = sorted({row["lad_code"] for row in csv.DictReader(file)})
    number = {code: at for at, code in enumerate(codes)}
    incidents = world.incidents
    area = np.array([number.get(world.places.lad_codes[place], -1) if place >= 0 else -1 for place in incidents.place])
    occurred = _monday(incidents.occurred_day.astype("datetime64[D]"))
    known = _monday((incidents.reported_at // 86_400).astype("datetime64[D]"))
    is_counted = (area >= 0) & (known < np.datetime64(CUT_OFF))
    counts = Counts(
        area[is_counted], occurred[is_counted], known[is_counted], np.ones(is_counted.sum(), dtype=np.int64)
    )
    unknown = np.full(len(codes), np.nan)
    areas = Areas(tuple(codes), unknown, unknown, unknown, unknown)
    panel, period = make_panel(areas, counts, CUT_OFF, "week")
    assert walk_forward(panel, period).verdict().code == "better"


def _monday(days: np.ndarray) -> np.ndarray:
    """The first days of their weeks."""
    mondays: np.ndarray = days - ((days.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
    return mondays
