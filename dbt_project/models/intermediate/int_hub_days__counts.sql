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
    hub_day,
    cast(count(*) as integer) as count_incidents,
    cast(count(*) filter (where is_urgent) as integer) as count_urgent,
    cast(count(*) filter (where is_beyond_capacity) as integer) as count_beyond_capacity,
    cast(count(*) filter (where is_beyond_capacity and is_criminal) as integer) as count_crimes_beyond_capacity
from {{ ref('int_incidents__capacity') }}
where {{ touched('hub_day', 'hub_day') }}
group by hub_day
