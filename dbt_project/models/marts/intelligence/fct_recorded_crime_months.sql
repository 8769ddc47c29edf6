-- A month that has a row here was collected: an area and kind of offence without a row in fct_recorded_crime had none.
-- A month without a row here was not collected, and nothing can be said about it.
with records as (
    select
        stg.area_kind,
        coalesce(stg.lsoa_code, stg.borough_named) as area_named,
        array(
            select months.month_text
            from jsonb_each_text(stg.counts_by_month) as months (month_text, count_text)
            where months.count_text is not null
            order by months.month_text
        ) as months_delivered
    from {{ ref('stg_mps_recorded_crime') }} as stg
),

-- A whole file has one set of months, so the sets are counted before they are taken apart.
sets as (
    select
        area_kind,
        area_named,
        months_delivered,
        count(*) as count_records
    from records
    group by area_kind, area_named, months_delivered
),

cells as (
    select
        sets.area_kind,
        sets.area_named,
        sets.count_records,
        months.month_text
    from sets
    cross join lateral unnest(sets.months_delivered) as months (month_text)
)

select
    area_kind,
    {{ month_start('month_text') }} as month,
    count(distinct area_named) as count_areas,
    cast(sum(count_records) as bigint) as count_cells
from cells
group by area_kind, month_text
