{{ config(materialized='view') }}

-- A view, because a figure is stated in the moment in which it is published.
select
    measure_code,
    area_code,
    part_code,
    period_code,
    publish_id as stated_in_publish,
    stated_at,
    mark,
    public_value,
    cast(row_number() over figures as integer) as statement_number,
    public_value - lag(public_value) over figures as change_of_value,
    row_number() over (partition by measure_code, area_code, part_code, period_code order by publish_id desc) = 1
        as is_latest
from {{ ref('stg_disclosure__statements') }}
window figures as (partition by measure_code, area_code, part_code, period_code order by publish_id)
