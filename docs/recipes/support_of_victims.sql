-- How many victims were referred to support, how soon, and how many took it up?
select
    reported_month,
    count(*) as count_journeys,
    count(*) filter (where days_to_support_offered is not null) as count_offered,
    count(*) filter (where days_to_referred is not null) as count_referred,
    count(*) filter (where days_to_engaged is not null) as count_engaged,
    percentile_cont(0.5) within group (order by days_to_referred) as median_days_to_referral
from publish.victim_journeys_v1
where is_victim_known
group by reported_month
order by reported_month;
