-- Whole in each build: a table of counts is safe or not as a whole. A force counts in its quarters for which it sent
-- records; the others are in no total. Regions and years are margins over the same cells.
with counted as (
    select
        'criminal_incidents' as measure_code,
        incidents.force_code,
        parts.part_code,
        cast(date_trunc('quarter', incidents.month) as date) as quarter,
        cast(sum(incidents.count_rows) as bigint) as count_incidents
    from {{ ref('agg_incidents__outcomes') }} as incidents
    cross join lateral unnest(array_append(incidents.strands, 'all')) as parts (part_code)
    group by 1, 2, 3, 4
    union all
    select
        'closed_incidents' as measure_code,
        incidents.force_code,
        parts.part_code,
        cast(date_trunc('quarter', incidents.closed_month) as date) as quarter,
        cast(sum(incidents.count_rows) as bigint) as count_incidents
    from {{ ref('agg_incidents__outcomes') }} as incidents
    cross join lateral unnest(array[incidents.outcome, 'all']) as parts (part_code)
    where incidents.closed_month is not null
    group by 1, 2, 3, 4
),

-- Whole financial years, the last as far as it has come: a part of the first would be shown as a year.
span as (
    select
        max(counted.quarter) as last_quarter,
        greatest(
            min(counted.quarter),
            cast(
                date_trunc('year', max(counted.quarter) - interval '3 months')
                + interval '3 months'
                - make_interval(years => cast(max(years.parameter_value) as integer) - 1)
                as date
            )
        ) as first_quarter
    from counted
    cross join {{ ref('disclosure_parameters') }} as years
    where
        years.parameter_code = 'years_published'
        and current_date between years.valid_from and coalesce(years.valid_to, 'infinity')
),

quarters as (
    select
        cast(firsts.first_day as date) as quarter,
        cast(date_trunc('year', firsts.first_day - interval '3 months') + interval '3 months' as date) as year_start
    from span
    cross join
        lateral generate_series(
            cast(span.first_quarter as timestamp), cast(span.last_quarter as timestamp), interval '3 months'
        ) as firsts (first_day)
),

forces as (
    select
        known.force_code,
        known.force_kind in ('territorial', 'special') as sends_records,
        coalesce(regions.region_code, 'all') as parent_code
    from {{ ref('police_forces') }} as known
    left join {{ ref('force_regions') }} as regions on known.force_code = regions.force_code
    union all
    select
        'unknown' as force_code,
        false as sends_records,
        'all' as parent_code
),

sent as (
    select distinct
        force_named as force_code,
        cast(date_trunc('quarter', reported_at at time zone 'Europe/London') as date) as quarter
    from {{ ref('int_reports__unioned') }}
    where feed = 'police_hate_crimes'
),

parts as (
    select
        'criminal_incidents' as measure_code,
        strand_code as part_code
    from {{ ref('strands') }}
    union all
    values
    ('criminal_incidents', 'not_stated'),
    ('criminal_incidents', 'all'),
    ('closed_incidents', 'charged'),
    ('closed_incidents', 'other_positive'),
    ('closed_incidents', 'not_positive'),
    ('closed_incidents', 'all')
),

cells as (
    select
        parts.measure_code,
        parts.part_code,
        forces.force_code,
        forces.parent_code,
        forces.sends_records,
        quarters.quarter,
        quarters.year_start,
        sent.quarter is not null or not forces.sends_records as is_collected,
        coalesce(counted.count_incidents, 0) as count_incidents
    from parts
    cross join forces
    cross join quarters
    left join sent on forces.force_code = sent.force_code and quarters.quarter = sent.quarter
    left join counted
        on
            parts.measure_code = counted.measure_code
            and parts.part_code = counted.part_code
            and forces.force_code = counted.force_code
            and quarters.quarter = counted.quarter
)

select
    cells.measure_code,
    areas.area_kind,
    areas.area_code,
    areas.parent_area_code,
    cells.part_code,
    periods.period_kind,
    periods.period_start,
    to_char(cells.year_start, 'YYYY') || '/' || to_char(cells.year_start + interval '1 year', 'YY')
    || case
        when periods.period_kind = 'quarter'
            then ' Q' || (extract(quarter from cells.quarter - interval '3 months'))
        else ''
    end as period_code,
    case
        when periods.period_kind = 'quarter'
            then to_char(cells.year_start, 'YYYY') || '/' || to_char(cells.year_start + interval '1 year', 'YY')
    end as parent_period_code,
    cast(periods.period_end as date) as period_end,
    bool_or(cells.is_collected) as is_collected,
    sum(cells.count_incidents) filter (where cells.is_collected) as count_incidents,
    cast(count(distinct cells.force_code) filter (where cells.sends_records and cells.is_collected) as integer)
        as count_forces_reported,
    cast(count(distinct cells.force_code) filter (where cells.sends_records) as integer) as count_forces
from cells
cross join
    lateral (
        values
        ('force', cells.force_code, cells.parent_code),
        ('region', nullif(cells.parent_code, 'all'), 'all'),
        ('all', 'all', null)
    ) as areas (area_kind, area_code, parent_area_code)
cross join
    lateral (
        values
        ('quarter', cells.quarter, cells.quarter + interval '3 months' - interval '1 day'),
        ('year', cells.year_start, cells.year_start + interval '1 year' - interval '1 day')
    ) as periods (period_kind, period_start, period_end)
where areas.area_code is not null
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
