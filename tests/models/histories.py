"""Histories that would take a year to deliver: incidents as the counts of hotspots see them."""

import sqlalchemy as sa

PUT = """
    insert into intermediate.int_hotspots__incidents (incident_id, force_code, lad_code, lsoa_code, provider_code,
        strands, author_key, report_origin, is_trained_on, is_online, count_reports, occurred_on, known_on)
    select gen_random_uuid(), areas.force_code, areas.lad_code, null, (array['x', 'facebook'])[1 + number % 2],
           array[(array['race', 'religion', 'race', 'disability'])[1 + number / 7 % 4]], md5((number % 97)::text),
           case when number % 10 = 0 then 'volunteer' when number % 3 = 0 then 'third_party' else 'public' end,
           number % 10 <> 0, 'yes', 1, happened_on, happened_on + late
    from (
        select number, cast(:until as date) - 1 - number % (7 * cast(:weeks as integer)) as happened_on,
               case when number % 11 = 0 then 9 else 0 end as late,
               ('x' || substr(md5(number || 'where'), 1, 8))::bit(32)::bigint / 4294967296.0 as place,
               substr(md5(number || 'which'), 1, 1) < '8' as is_lasting
        from generate_series(1, :reports) as numbers (number)
    ) as reports
    inner join (
        select lad_code, force_code, row_number() over (order by md5(lad_code)) as area, count(*) over () as areas
        from reference.area_profiles inner join reference.local_authorities using (lad_code)
    ) as areas on areas.area = 1 + case
        when is_lasting then floor(power(reports.place, 3) * areas.areas)::integer
        else (floor(reports.place * 12)::integer + 53 * ((cast(:until as date) - 1 - happened_on) / 70)) % areas.areas
    end
    where happened_on + late < cast(:until as date) or number % 2 = 0
"""

RECORDED = """
    insert into marts.fct_recorded_crime (area_kind, area_code, month, offence_major, offence_minor, offence_code,
        count_offences, delivery_id, row_number)
    select 'lsoa', area_code, month, kinds.major, kinds.minor, kinds.offence_code, kinds.count_offences,
           gen_random_uuid(), 1
    from (
        select area_code, row_number() over (order by md5(area_code)) as place
        from intermediate.int_hotspots__areas where area_level = 'lsoa'
    ) as areas
    cross join generate_series(date '2024-10-01', date '2026-09-01', interval '1 month') as months (month)
    cross join lateral (
        values ('PUBLIC ORDER OFFENCES', 'RACE OR RELIGIOUS AGG PUBLIC FEAR', '9B',
                (('x' || substr(md5(area_code || month), 1, 4))::bit(16)::integer % 100 < 900 / (place + 20))::integer),
               ('PUBLIC ORDER OFFENCES', 'PUBLIC FEAR ALARM OR DISTRESS', null, (3000 / (place + 20))::integer),
               ('DRUG OFFENCES', 'POSSESSION OF DRUGS', null, case when place < 40 then 1 else 0 end)
    ) as kinds (major, minor, offence_code, count_offences)
    where count_offences > 0
"""
MONTHS = """
    insert into marts.fct_recorded_crime_months (area_kind, month, count_areas, count_cells)
    select 'lsoa', month, 1, 1
    from generate_series(date '2024-10-01', date '2026-09-01', interval '1 month') as months (month)
"""


def put_recorded_crime(engine: sa.Engine) -> None:
    """Two years of months up to September 2026: an area has at most one aggravated offence a month, the likelier the
    more others it has; drugs are found in a few."""
    with engine.begin() as connection:
        connection.execute(sa.text("delete from marts.fct_recorded_crime"))
        connection.execute(sa.text("delete from marts.fct_recorded_crime_months"))
        connection.execute(sa.text(RECORDED))
        connection.execute(sa.text(MONTHS))


def put_history(engine: sa.Engine, *, until: str, weeks: int, reports: int) -> None:
    """So many reports of so many weeks before the day ``until``. Half are in local authorities that always had most,
    half in twelve that are others every ten weeks: neither the long run nor the latest weeks alone tell where. Every
    tenth is what volunteers found; one in eleven is known nine days late, some of them after the day."""
    with engine.begin() as connection:
        connection.execute(sa.text("delete from intermediate.int_hotspots__incidents"))
        connection.execute(sa.text(PUT), {"until": until, "weeks": weeks, "reports": reports})
