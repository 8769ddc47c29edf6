{{ config(indexes=[{'columns': ['hub_day'], 'unique': true}]) }}

select
    intake.hub_day,
    cast(count(*) as integer) as count_incidents,
    cast(count(*) filter (where intake.is_urgent) as integer) as count_urgent,
    cast(count(*) filter (where intake.is_beyond_capacity) as integer) as count_beyond_capacity,
    cast(
        count(*) filter (where intake.is_beyond_capacity and intake.is_criminal) as integer
    ) as count_crimes_beyond_capacity
from {{ ref('int_incidents__capacity') }} as intake
group by intake.hub_day
