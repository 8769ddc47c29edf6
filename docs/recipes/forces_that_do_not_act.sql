-- Which forces do not act on what the hub passes to them?
-- Shares are of what was due by the time of the data; a force with little due says little.
select
    force_code,
    force_name,
    count_received,
    count_due,
    count_overdue,
    round(100.0 * count_acknowledged_in_time / nullif(count_due, 0), 1) as percent_acknowledged_in_time,
    round(100.0 * count_overdue / nullif(count_due, 0), 1) as percent_overdue,
    count_outcomes,
    median_working_hours_to_acknowledgement
from publish.force_scorecard_v1
where period_kind = 'all' and count_received > 0
order by percent_overdue desc nulls last, count_overdue desc, force_code asc;
