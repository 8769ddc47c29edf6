-- A provider's speed is compared within one route and duty only: a flag and a court order are not alike.
with questioned as (
    select distinct allocation_id
    from {{ ref('fct_allocation_events') }}
    where event_kind = 'more_information_needed'
),

received as (
    select
        allocations.*,
        cast(date_trunc('month', allocations.allocated_at at time zone 'Europe/London') as date) as month,
        extract(epoch from allocations.acknowledged_at - allocations.allocated_at) / 3600 as hours_to_acknowledgement,
        extract(epoch from allocations.outcome_at - allocations.allocated_at) / 3600 as hours_to_outcome,
        overdue.allocation_id is not null as is_overdue,
        questioned.allocation_id is not null as is_questioned,
        allocations.acknowledged_at is not null or allocations.due_at < as_of.data_as_of as is_due
    from {{ ref('fct_allocations') }} as allocations
    cross join {{ ref('dim_as_of') }} as as_of
    left join {{ ref('fct_overdue_allocations') }} as overdue on allocations.allocation_id = overdue.allocation_id
    left join questioned on allocations.allocation_id = questioned.allocation_id
    where allocations.target_kind = 'provider'
),

scored as (
    select
        target_code as provider_code,
        duty,
        route,
        month,
        count(*) as count_received,
        count(acknowledged_at) as count_acknowledged,
        count(*) filter (where is_acknowledged_in_time) as count_acknowledged_in_time,
        count(*) filter (where is_due) as count_due,
        count(*) filter (where is_questioned) as count_questioned,
        count(*) filter (where is_overdue) as count_overdue,
        count(outcome_at) as count_outcomes,
        count(*) filter (where outcome_code in ('content_removed', 'account_suspended')) as count_removed,
        count(*) filter (where outcome_code = 'content_restricted') as count_restricted,
        count(*) filter (where outcome_code = 'content_restored') as count_restored,
        count(*) filter (where outcome_code = 'no_violation') as count_no_violation,
        count(*) filter (where outcome_code = 'information_provided') as count_information_provided,
        percentile_cont(0.5) within group (order by hours_to_acknowledgement) as median_hours_to_acknowledgement,
        percentile_cont(0.5) within group (order by hours_to_outcome) as median_hours_to_outcome,
        percentile_cont(0.5) within group (order by working_hours_to_outcome) as median_working_hours_to_outcome
    from received
    group by grouping sets ((target_code, duty, route), (target_code, duty, route, month))
)

select
    scored.month,
    scored.provider_code,
    providers.provider_name,
    scored.duty,
    scored.route,
    case when scored.month is null then 'all' else 'month' end as period_kind,
    cast(scored.count_received as integer) as count_received,
    cast(scored.count_due as integer) as count_due,
    cast(scored.count_acknowledged as integer) as count_acknowledged,
    cast(scored.count_acknowledged_in_time as integer) as count_acknowledged_in_time,
    cast(scored.count_questioned as integer) as count_questioned,
    cast(scored.count_overdue as integer) as count_overdue,
    cast(scored.count_outcomes as integer) as count_outcomes,
    cast(scored.count_removed as integer) as count_removed,
    cast(scored.count_restricted as integer) as count_restricted,
    cast(scored.count_restored as integer) as count_restored,
    cast(scored.count_no_violation as integer) as count_no_violation,
    cast(scored.count_information_provided as integer) as count_information_provided,
    cast(scored.median_hours_to_acknowledgement as numeric(12, 2)) as median_hours_to_acknowledgement,
    cast(scored.median_hours_to_outcome as numeric(12, 2)) as median_hours_to_outcome,
    cast(scored.median_working_hours_to_outcome as numeric(12, 2)) as median_working_hours_to_outcome,
    {{ known_issue_ids(
        'provider_scorecard_v1', month='scored.month', only={'sender': 'scored.provider_code'}
    ) }} as known_issue_ids
from scored
inner join {{ ref('dim_provider') }} as providers on scored.provider_code = providers.provider_code
