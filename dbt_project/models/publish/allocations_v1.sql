select
    allocations.allocated_at,
    allocations.allocation_id,
    allocations.incident_id,
    allocations.duty,
    allocations.sequence_number,
    allocations.target_kind,
    allocations.target_code,
    coalesce(forces.force_name, providers.provider_name) as target_name,
    allocations.route,
    allocations.rule_id,
    allocations.rule_version,
    allocations.evidence_grade,
    allocations.reason,
    allocations.runner_up,
    allocations.runner_up_evidence,
    allocations.status,
    allocations.outcome_code,
    outcomes.outcome_name,
    allocations.is_current_owner,
    allocations.is_personal_data_shareable,
    -- Nobody has answered and the time is over: that was not in time either.
    case
        when allocations.acknowledged_at is null and allocations.due_at < as_of.data_as_of then false
        else allocations.is_acknowledged_in_time
    end as is_acknowledged_in_time,
    allocations.working_hours_to_acknowledgement,
    allocations.working_hours_to_outcome,
    allocations.due_at,
    allocations.action_due_at,
    allocations.acknowledged_at,
    allocations.accepted_at,
    allocations.outcome_at,
    allocations.closed_at
from {{ ref('fct_allocations') }} as allocations
cross join {{ ref('dim_as_of') }} as as_of
left join {{ ref('dim_force') }} as forces
    on
        allocations.target_code = forces.force_code
        and allocations.target_kind in ('force', 'other_country')
left join {{ ref('dim_provider') }} as providers
    on
        allocations.target_code = providers.provider_code
        and allocations.target_kind = 'provider'
left join {{ ref('dim_outcome') }} as outcomes on allocations.outcome_code = outcomes.outcome_code
