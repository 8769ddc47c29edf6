-- Every working day from the first case to the last, those without a case too: they are capacity.
with span as (
    select
        min(hub_day) as first_day,
        max(hub_day) as last_day
    from {{ ref('int_hub_days__counts') }}
)

select
    capacity.hub_day,
    capacity.count_full_posts,
    capacity.count_capacity,
    coalesce(counts.count_incidents, 0) as count_incidents,
    coalesce(counts.count_urgent, 0) as count_urgent,
    coalesce(counts.count_beyond_capacity, 0) as count_beyond_capacity,
    coalesce(counts.count_crimes_beyond_capacity, 0) as count_crimes_beyond_capacity
from span
inner join {{ ref('int_hub_days__capacity') }} as capacity
    on capacity.hub_day between span.first_day and span.last_day
left join {{ ref('int_hub_days__counts') }} as counts on capacity.hub_day = counts.hub_day
