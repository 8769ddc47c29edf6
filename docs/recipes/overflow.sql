-- On how many days was the hub full, and how many cases stayed with local forces for that?
select
    month,
    count(*) as count_working_days,
    sum(count_capacity) as count_capacity,
    sum(count_incidents) as count_incidents,
    sum(count_beyond_capacity) as count_beyond_capacity,
    sum(count_crimes_beyond_capacity) as count_crimes_beyond_capacity,
    count(*) filter (where is_over_capacity) as count_days_over_capacity
from publish.hub_capacity_v1
group by month
order by month;
