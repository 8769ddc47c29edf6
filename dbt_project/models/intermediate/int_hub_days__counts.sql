{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='hub_day',
        on_schema_change='fail',
        indexes=[{'columns': ['hub_day'], 'unique': true}],
    )
}}

select
    intake.hub_day,
    cast(count(*) as integer) as count_incidents,
    cast(count(*) filter (where intake.is_urgent) as integer) as count_urgent,
    cast(count(*) filter (where intake.is_beyond_capacity) as integer) as count_beyond_capacity,
    cast(
        count(*) filter (where intake.is_beyond_capacity and intake.is_criminal) as integer
    ) as count_crimes_beyond_capacity
from {{ of_touched('int_incidents__capacity', key='hub_day') }} as intake
group by intake.hub_day
