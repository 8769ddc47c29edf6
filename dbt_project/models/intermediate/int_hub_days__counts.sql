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
    capacity.hub_day,
    cast(count(*) as integer) as count_incidents,
    cast(count(*) filter (where intake.is_urgent) as integer) as count_urgent,
    cast(count(*) filter (where capacity.is_beyond_capacity) as integer) as count_beyond_capacity,
    cast(count(*) filter (where capacity.is_beyond_capacity and incidents.is_criminal) as integer)
        as count_crimes_beyond_capacity
from {{ ref('int_incidents__capacity') }} as capacity
inner join {{ ref('int_incidents__intake') }} as intake on capacity.incident_id = intake.incident_id
inner join {{ ref('int_incidents') }} as incidents on capacity.incident_id = incidents.incident_id
where {{ touched('hub_day', 'capacity.hub_day') }}
group by capacity.hub_day
