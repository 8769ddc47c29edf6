"""What forecasts read from the warehouse, and what they leave in the schema ``forecast``."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.forecast.tables import (
    AREA_FORECASTS,
    EVALUATIONS,
    GROUP_SCORES,
    METADATA,
    ONLINE_FORECASTS,
    RUNS,
    SCHEMA,
    TASKING,
)
from hub.warehouse.engine import copy_rows

_AREAS = """
    select area_code, area_name, force_code, lad_code, community_band, boundary_version, x_km, y_km, area_km2,
           count_residents, residents_year
    from intermediate.int_hotspots__areas where area_level = :level order by area_code
"""
_COUNTS = """
    select area_code, strand_code, week_starts_on, known_week_starts_on, count_reports, count_third_party,
           count_officer_generated, count_volunteer
    from intermediate.int_hotspots__counts
    where area_level = :level and known_week_starts_on < :cut_off
    order by strand_code, week_starts_on, known_week_starts_on, area_code
"""
_RECORDED = """
    select crimes.area_code, crimes.month, sum(crimes.count_offences)::bigint as count_reports
    from marts.fct_recorded_crime as crimes
    inner join marts.dim_offence as offences on crimes.offence_code = offences.offence_code and offences.is_aggravated
    where crimes.area_kind = 'lsoa' and crimes.month < :cut_off
    group by crimes.area_code, crimes.month order by crimes.month, crimes.area_code
"""
_OTHER_RECORDED = """
    select crimes.offence_minor as kind, crimes.month,
           array_agg(crimes.area_code order by crimes.area_code) as area_codes,
           array_agg(crimes.count_offences order by crimes.area_code) as counts
    from marts.fct_recorded_crime as crimes
    left join marts.dim_offence as offences on crimes.offence_code = offences.offence_code
    where crimes.area_kind = 'lsoa' and crimes.month < :cut_off and offences.is_aggravated is distinct from true
        and not exists (
            select from reference.officer_found_offences as found
            where found.offence_major = crimes.offence_major
                and :cut_off between found.valid_from and coalesce(found.valid_to, 'infinity')
        )
    group by crimes.offence_minor, crimes.month order by crimes.offence_minor, crimes.month
"""
_ONLINE = """
    select provider_code, strand_code, coalesce(areas.community_band, 'unknown') as community_band,
           date_trunc('week', occurred_on)::date as week_starts_on,
           date_trunc('week', known_on)::date as known_week_starts_on,
           report_origin, is_trained_on, count(*) as count_incidents
    from intermediate.int_hotspots__incidents as incidents
    cross join lateral unnest(incidents.strands) as codes (strand_code)
    left join intermediate.int_hotspots__areas as areas
        on areas.area_level = 'local_authority' and areas.area_code = incidents.lad_code
    where provider_code is not null and is_online is distinct from 'no' and known_on < :cut_off
    group by 1, 2, 3, 4, 5, 6, 7 order by 4, 5, 1, 2, 3, 6
"""
_AUTHORS = """
    select provider_code, strand_code, coalesce(areas.community_band, 'unknown') as community_band,
           count(distinct author_key) as count_authors
    from intermediate.int_hotspots__incidents as incidents
    cross join lateral unnest(incidents.strands) as codes (strand_code)
    left join intermediate.int_hotspots__areas as areas
        on areas.area_level = 'local_authority' and areas.area_code = incidents.lad_code
    where author_key is not null and known_on >= :since and known_on < :cut_off
    group by 1, 2, 3
"""
_MODERATION = """
    select target_code as provider_code,
           percentile_cont(0.5) within group (
               order by extract(epoch from closed_at - allocated_at) / 3600
           )::float8 as hours
    from marts.fct_allocations
    where target_kind = 'provider' and closed_at >= :since and closed_at < :cut_off
    group by target_code
"""
_SELECTED = """
    select slots.area_code, runs.cut_off
    from forecast.tasking as slots inner join forecast.runs as runs on slots.run_id = runs.run_id
    where runs.panel = :panel and runs.cut_off < :cut_off
"""


def latest_cut_off(connection: sa.Connection) -> dt.date | None:
    """The latest Monday before which every day's reports can have been known, or None where no report is known."""
    found: dt.date | None = connection.scalar(sa.text("select cut_off from intermediate.int_hotspots__cut_off"))
    return found


def latest_month(connection: sa.Connection) -> dt.date | None:
    """The latest month of published counts by small area, or None."""
    query = "select max(month) from marts.fct_recorded_crime_months where area_kind = 'lsoa'"
    found: dt.date | None = connection.scalar(sa.text(query))
    return found


def read_parameters(connection: sa.Connection, on: dt.date) -> dict[str, float]:
    """The choices of the code list that held on the day."""
    query = sa.text("""
        select parameter_code, parameter_value from reference.forecast_parameters
        where :on between valid_from and coalesce(valid_to, 'infinity')
    """)
    return {row.parameter_code: row.parameter_value for row in connection.execute(query, {"on": on})}


def read_areas(connection: sa.Connection, level: str) -> list[Any]:
    """Every area of the level, in the order of their codes."""
    return list(connection.execute(sa.text(_AREAS), {"level": level}))


def read_counts(connection: sa.Connection, level: str, cut_off: dt.date) -> list[Any]:
    """Reports of the level by area, strand, week and week of knowledge, as known before the cut-off."""
    return list(connection.execute(sa.text(_COUNTS), {"level": level, "cut_off": cut_off}))


def read_recorded_crime(connection: sa.Connection, cut_off: dt.date) -> list[Any]:
    """Published counts of aggravated offences by small area and month before the cut-off."""
    return list(connection.execute(sa.text(_RECORDED), {"cut_off": cut_off}))


def read_other_recorded_crime(connection: sa.Connection, cut_off: dt.date) -> list[Any]:
    """Published counts of other offences that the public meets, a row a kind and month before the cut-off: small
    areas, and the count of each."""
    return list(connection.execute(sa.text(_OTHER_RECORDED), {"cut_off": cut_off}))


def read_online(connection: sa.Connection, cut_off: dt.date) -> list[Any]:
    """Incidents online by platform, strand, community band, week, week of knowledge and origin."""
    return list(connection.execute(sa.text(_ONLINE), {"cut_off": cut_off}))


def read_authors(connection: sa.Connection, since: dt.date, cut_off: dt.date) -> dict[tuple[str, str, str], int]:
    """Accounts that are known to have written what was reported, by platform, strand and community band."""
    rows: Iterable[Any] = connection.execute(sa.text(_AUTHORS), {"since": since, "cut_off": cut_off})
    return {(row.provider_code, row.strand_code, row.community_band): row.count_authors for row in rows}


def read_moderation_hours(connection: sa.Connection, since: dt.date, cut_off: dt.date) -> dict[str, float]:
    """Median hours from referral to the provider's last answer, by platform, of what was closed since."""
    rows: Iterable[Any] = connection.execute(sa.text(_MODERATION), {"since": since, "cut_off": cut_off})
    return {row.provider_code: row.hours for row in rows}


def read_selected(connection: sa.Connection, panel: str, cut_off: dt.date) -> set[tuple[str, dt.date]]:
    """Areas that earlier runs of the panel proposed, each with the cut-off."""
    rows: Iterable[Any] = connection.execute(sa.text(_SELECTED), {"panel": panel, "cut_off": cut_off})
    return {(row.area_code, row.cut_off) for row in rows}


def is_forecast(connection: sa.Connection, panel: str, cut_off: dt.date) -> bool:
    """Whether the panel was forecast at the cut-off, from whatever was known."""
    query = sa.select(sa.exists().where(RUNS.c.cut_off == cut_off, RUNS.c.panel == panel))
    return bool(connection.scalar(query))


def read_standing(connection: sa.Connection, run_id: uuid.UUID) -> Any | None:
    """What an earlier run came to (``verdict``, ``withheld_because``, ``count_slots``), or None."""
    slots = sa.select(sa.func.count()).where(TASKING.c.run_id == RUNS.c.run_id).scalar_subquery()
    columns = (RUNS.c.verdict, RUNS.c.withheld_because, slots.label("count_slots"))
    query = sa.select(*columns).where(RUNS.c.run_id == run_id)
    return connection.execute(query).one_or_none()


def write_run(
    connection: sa.Connection,
    run: Mapping[str, Any],
    *,
    areas: Sequence[Mapping[str, Any]] = (),
    online: Sequence[Mapping[str, Any]] = (),
    evaluations: Sequence[Mapping[str, Any]] = (),
    groups: Sequence[Mapping[str, Any]] = (),
    slots: Sequence[Mapping[str, Any]] = (),
) -> bool:
    """Write a run with all its rows (columns as in the tables, without ``run_id``). Returns False, and writes nothing,
    where the same run is there already."""
    fresh = insert(RUNS).values(dict(run)).on_conflict_do_nothing(index_elements=["run_id"])
    if connection.execute(fresh).rowcount == 0:
        return False
    run_id: uuid.UUID = run["run_id"]
    if areas:
        copy_rows(connection, AREA_FORECASTS, [_arrow(AREA_FORECASTS, run_id, areas)])
    for table, rows in (
        (ONLINE_FORECASTS, online),
        (EVALUATIONS, evaluations),
        (GROUP_SCORES, groups),
        (TASKING, slots),
    ):
        if rows:
            connection.execute(sa.insert(table), [{**row, "run_id": run_id} for row in rows])
    return True


def analyze(engine: sa.Engine) -> None:
    """Analyse the tables, for the planner."""
    names = ", ".join(f"{SCHEMA}.{table.name}" for table in METADATA.sorted_tables)
    with engine.begin() as connection:
        connection.execute(sa.text(f"analyze {names}"))


def _arrow(table: sa.Table, run_id: uuid.UUID, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    kinds = {"run_id": pa.binary(16)}
    columns: dict[str, list[Any]] = {"run_id": [run_id.bytes] * len(rows)}
    for column in table.columns:
        if column.name != "run_id":
            is_number = isinstance(column.type, sa.Float)
            kinds[column.name] = (
                pa.float64() if is_number else pa.int64() if isinstance(column.type, sa.BigInteger) else pa.string()
            )
            columns[column.name] = [row.get(column.name) for row in rows]
    return pa.table({name: pa.array(columns[name], type=kind) for name, kind in kinds.items()})
