-- To which force areas, and to whom else, were incidents referred in each month?
select
    cast(date_trunc('month', allocated_at at time zone 'Europe/London') as date) as month,
    target_kind,
    target_name,
    count(*) as count_allocations,
    count(*) filter (where is_current_owner) as count_current_owner
from publish.allocations_v1
group by month, target_kind, target_name
order by month asc, count_allocations desc, target_name asc;
