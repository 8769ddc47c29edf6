"""The real files of the Metropolitan Police, through all stages to what readers see."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.forecast.hotspot_forecasts import forecast_hotspots
from hub.publish import publish
from hub.settings import Settings, read_settings
from models.rows import fetch, put_files

OPEN_DATA = read_settings().open_data
needs_open_data = pytest.mark.skipif(OPEN_DATA is None, reason="HUB_OPEN_DATA is not set: no real open data here")
KIND = "RACE OR RELIGIOUS AGG PUBLIC FEAR"


@pytest.mark.long
@needs_open_data
def test_recorded_crime_has_the_published_totals(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> None:
    assert OPEN_DATA
    folder = Path(OPEN_DATA) / "london_recorded_crime"
    files = [folder / f"recorded-crime-{kind}.parquet" for kind in ("lsoa", "borough")]
    put_files(settings, catalogue.contracts["mps_recorded_crime"], files)
    build_warehouse(settings)
    publish(settings, engine)
    for relation in ("marts.fct_recorded_crime", "publish.recorded_crime_v1"):
        totals = f"""
            select area_kind,
                   sum(count_offences) filter (where month between '2024-03-01' and '2026-02-01')::int,
                   sum(count_offences) filter (where month = '2024-08-01')::int
            from {relation} where offence_minor = '{KIND}' group by area_kind order by area_kind
        """
        # Boroughs hold some 800 more: offences without a small area are in "Unknown" or at a borough's airport.
        assert fetch(engine, totals) == [("borough", 27050, 1458), ("lsoa", 26258, 1382)]
    coverage = """
        select area_kind, min(month)::text, max(month)::text, max(count_areas)
        from marts.fct_recorded_crime_months group by area_kind order by area_kind
    """
    assert fetch(engine, coverage) == [
        ("borough", "2024-03-01", "2026-02-01", 33),
        ("lsoa", "2024-02-01", "2026-02-01", 4988),
    ]
    not_placed = """
        select count(*) from publish.recorded_crime_v1 where area_kind = 'lsoa' and lad_code is null
    """
    assert fetch(engine, not_placed) == [0]
    hotspots_learn_from_other_offences(settings, engine)


def hotspots_learn_from_other_offences(settings: Settings, engine: sa.Engine) -> None:
    """Without them the forecasts of these months gain .8 bits an offence, with them .9; most of what is expected of the
    many areas with few offences of the kind comes from them."""
    [run] = forecast_hotspots(settings, panels=("recorded_crime",))
    assert (run.cut_off, run.withheld_because) == (dt.date(2026, 3, 1), None)
    tested = "select max(bits_per_event) > 0.88 from forecast.evaluations where method_code = 'stack'"
    assert fetch(engine, tested) == [True]
    shares = """
        select avg(share_context) > 0.5, avg(share_context) filter (where rank <= 50) < 0.4
        from forecast.area_forecasts
    """
    assert fetch(engine, shares) == [(True, True)]
