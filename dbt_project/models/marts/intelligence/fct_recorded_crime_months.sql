-- A month that has a row here was collected: an area and kind of offence without a row in fct_recorded_crime had none.
-- A month without a row here was not collected, and nothing can be said about it.
with records as (
    select
        area_kind,
        coalesce(lsoa_code, borough_named) as area_named,
        counts_by_month
    from {{ ref('stg_mps_recorded_crime') }}
),

cells as (
    select
        records.area_kind,
        records.area_named,
        months.month_text
    from records
    cross join lateral jsonb_object_keys(jsonb_strip_nulls(records.counts_by_month)) as months (month_text)
)

select
    area_kind,
    {{ month_start('month_text') }} as month,
    count(distinct area_named) as count_areas,
    count(*) as count_cells
from cells
group by area_kind, month_text
