-- How many victims were referred to support, how soon, and how many took it up? Victims who are known only
-- from a support service have no report, so no month, and no days to count: measures_v1 has them in the month of their
-- incident.
select
    reported_month,
    count(*) as count_journeys,
    count(*) filter (where is_support_offered) as count_offered,
    count(*) filter (where is_referred) as count_referred,
    count(*) filter (where is_engaged) as count_engaged,
    percentile_cont(0.5) within group (order by days_to_referred) as median_days_to_referral
from publish.victim_journeys_v1
where is_victim_known
group by reported_month
order by reported_month;
