-- How fast do providers answer, by route and duty, and what do they do?
-- A provider is compared within one route and duty; their clocks differ.
select
    provider_name,
    duty,
    route,
    count_received,
    count_due,
    count_overdue,
    median_hours_to_acknowledgement,
    median_hours_to_outcome,
    count_removed,
    count_no_violation
from publish.provider_scorecard_v1
where period_kind = 'all'
order by duty asc, route asc, count_overdue desc, provider_name asc;
