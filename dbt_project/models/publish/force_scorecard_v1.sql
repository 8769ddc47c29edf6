-- What a force recorded without the hub is no answer to it. Each share has its own base: of what was received, of what
-- is acknowledged, of what has an outcome.
with received as (
    select
        allocations.*,
        cast(date_trunc('month', allocations.allocated_at at time zone 'Europe/London') as date) as month,
        outcomes.outcome_group,
        outcomes.is_positive,
        overdue.allocation_id is not null as is_overdue,
        allocations.acknowledged_at is not null or allocations.due_at < as_of.data_as_of as is_due
    from {{ ref('fct_allocations') }} as allocations
    cross join {{ ref('dim_as_of') }} as as_of
    left join {{ ref('fct_overdue_allocations') }} as overdue on allocations.allocation_id = overdue.allocation_id
    left join {{ ref('dim_outcome') }} as outcomes on allocations.outcome_code = outcomes.outcome_code
    where allocations.target_kind = 'force' and allocations.route <> 'police_record'
),

scored as (
    select
        target_code as force_code,
        month,
        count(*) as count_received,
        count(acknowledged_at) as count_acknowledged,
        count(*) filter (where is_acknowledged_in_time) as count_acknowledged_in_time,
        count(*) filter (where is_due) as count_due,
        count(accepted_at) as count_accepted,
        count(*) filter (where status = 'returned') as count_returned,
        count(*) filter (where status = 'transferred') as count_transferred,
        count(*) filter (where is_overdue) as count_overdue,
        count(outcome_at) as count_outcomes,
        count(*) filter (where is_positive) as count_outcomes_positive,
        count(*) filter (where outcome_group = 'charge') as count_outcomes_charge,
        count(*) filter (where outcome_group like 'out_of_court%') as count_outcomes_out_of_court,
        count(*) filter (where outcome_group like 'evidential%') as count_outcomes_evidential,
        count(*) filter (where outcome_group = 'no_suspect') as count_outcomes_no_suspect,
        count(*) filter (where outcome_group like 'hub_%') as count_outcomes_hub,
        percentile_cont(0.5) within group (order by working_hours_to_acknowledgement)
            as median_working_hours_to_acknowledgement,
        percentile_cont(0.5) within group (order by working_hours_to_outcome) as median_working_hours_to_outcome
    from received
    group by grouping sets ((target_code), (target_code, month))
)

select
    scored.month,
    scored.force_code,
    forces.force_name,
    case when scored.month is null then 'all' else 'month' end as period_kind,
    cast(scored.count_received as integer) as count_received,
    cast(scored.count_due as integer) as count_due,
    cast(scored.count_acknowledged as integer) as count_acknowledged,
    cast(scored.count_acknowledged_in_time as integer) as count_acknowledged_in_time,
    cast(scored.count_accepted as integer) as count_accepted,
    cast(scored.count_returned as integer) as count_returned,
    cast(scored.count_transferred as integer) as count_transferred,
    cast(scored.count_overdue as integer) as count_overdue,
    cast(scored.count_outcomes as integer) as count_outcomes,
    cast(scored.count_outcomes_positive as integer) as count_outcomes_positive,
    cast(scored.count_outcomes_charge as integer) as count_outcomes_charge,
    cast(scored.count_outcomes_out_of_court as integer) as count_outcomes_out_of_court,
    cast(scored.count_outcomes_evidential as integer) as count_outcomes_evidential,
    cast(scored.count_outcomes_no_suspect as integer) as count_outcomes_no_suspect,
    cast(scored.count_outcomes_hub as integer) as count_outcomes_hub,
    cast(
        scored.count_outcomes - scored.count_outcomes_charge - scored.count_outcomes_out_of_court
        - scored.count_outcomes_evidential - scored.count_outcomes_no_suspect - scored.count_outcomes_hub as integer
    ) as count_outcomes_other,
    cast(scored.median_working_hours_to_acknowledgement as numeric(12, 2)) as median_working_hours_to_acknowledgement,
    cast(scored.median_working_hours_to_outcome as numeric(12, 2)) as median_working_hours_to_outcome,
    {{ known_issue_ids(
        'force_scorecard_v1', month='scored.month', only={'sender': 'scored.force_code'}
    ) }} as known_issue_ids
from scored
inner join {{ ref('dim_force') }} as forces on scored.force_code = forces.force_code
