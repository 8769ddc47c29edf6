-- The file is wide, a column a month, and each issue repeats most of the months before. Of each collection (boroughs or
-- small areas) and month only the newest issue that has the month counts: the one whose months reach furthest, and of
-- several that reach as far the one that comes last in the order of deliveries. It is whole: an area without a row in
-- it had no such offence, whatever an older issue said.
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

-- A whole file has few sets of months, so the sets are found before they are taken apart.
headers as (
    select distinct
        area_kind,
        delivery_id,
        delivery_order,
        last_month_text,
        array(
            select months.month_text
            from jsonb_each_text(records.counts_by_month) as months (month_text, count_text)
            where months.count_text is not null
            order by months.month_text
        ) as months_delivered
    from records
),

newest as (
    select distinct on (headers.area_kind, months.month_text)
        headers.area_kind,
        headers.delivery_id,
        months.month_text
    from headers
    cross join lateral unnest(headers.months_delivered) as months (month_text)
    order by
        headers.area_kind asc,
        months.month_text asc,
        headers.last_month_text desc,
        headers.delivery_order desc nulls last,
        headers.delivery_id desc
),

-- Seven cells in ten are zeros.
cells as (
    select
        records.delivery_id,
        records.row_number,
        records.area_kind,
        records.area_code,
        records.offence_major,
        records.offence_minor,
        months.month_text,
        {{ whole_number('months.count_text') }} as count_offences
    from records
    cross join lateral jsonb_each_text(records.counts_by_month) as months (month_text, count_text)
    where months.count_text <> '0'
),

latest as (
    select distinct on (area_kind, area_code, offence_major, offence_minor, month_text) *
    from cells
    where (area_kind, month_text, delivery_id) in (
        select
            newest.area_kind,
            newest.month_text,
            newest.delivery_id
        from newest
    )
    order by
        area_kind asc,
        area_code asc,
        offence_major asc,
        offence_minor asc,
        month_text asc,
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
