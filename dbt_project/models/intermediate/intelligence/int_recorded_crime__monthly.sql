-- The file is wide, a column a month, and each issue repeats most of the months before. For each area, kind of offence
-- and month the record whose months reach furthest is the newest issue, and of several issues that reach as far the one
-- that comes last in the order of deliveries.
-- A view, because only fct_recorded_crime reads it: the rows need not be written twice.
{{ config(materialized='view') }}

with records as (
    select
        stg.delivery_id,
        stg.row_number,
        stg.delivery_order,
        stg.area_kind,
        stg.offence_major,
        stg.offence_minor,
        stg.counts_by_month,
        stg.last_month_text,
        coalesce(stg.lsoa_code, boroughs.area_code) as area_code
    from {{ ref('stg_mps_recorded_crime') }} as stg
    left join {{ ref('int_areas__boroughs') }} as boroughs
        on stg.area_kind = 'borough' and stg.borough_named = boroughs.borough_named
),

counted as (
    select
        *,
        count(*) over (partition by area_kind, area_code, offence_major, offence_minor) as count_versions
    from records
),

-- A zero matters only where it may correct an earlier count; seven cells in ten are zeros, so they are left out early.
cells as (
    select
        counted.delivery_id,
        counted.row_number,
        counted.delivery_order,
        counted.area_kind,
        counted.area_code,
        counted.offence_major,
        counted.offence_minor,
        counted.last_month_text,
        months.month_text,
        {{ whole_number('months.count_text') }} as count_offences
    from counted
    cross join lateral jsonb_each_text(counted.counts_by_month) as months (month_text, count_text)
    where
        months.count_text is not null
        and (counted.count_versions > 1 or months.count_text <> '0')
),

latest as (
    select distinct on (area_kind, area_code, offence_major, offence_minor, month_text) *
    from cells
    order by
        area_kind asc,
        area_code asc,
        offence_major asc,
        offence_minor asc,
        month_text asc,
        last_month_text desc,
        delivery_order desc nulls last,
        row_number desc
)

select
    delivery_id,
    row_number,
    area_kind,
    area_code,
    offence_major,
    offence_minor,
    count_offences,
    {{ month_start('month_text') }} as month
from latest
where count_offences <> 0
