-- How late it is: `data_as_of`, which publishing adds to each row, less `due_at`.
select
    waiting.due_at,
    waiting.allocation_id,
    waiting.incident_id,
    waiting.duty,
    waiting.target_kind,
    waiting.target_code,
    coalesce(forces.force_name, providers.provider_name) as target_name,
    waiting.route,
    waiting.overdue_kind,
    waiting.status,
    incidents.is_threat_to_life,
    waiting.allocated_at
from {{ ref('fct_overdue_allocations') }} as waiting
inner join {{ ref('fct_incidents') }} as incidents on waiting.incident_id = incidents.incident_id
left join {{ ref('dim_force') }} as forces
    on
        waiting.target_code = forces.force_code
        and waiting.target_kind in ('force', 'other_country')
left join {{ ref('dim_provider') }} as providers
    on
        waiting.target_code = providers.provider_code
        and waiting.target_kind = 'provider'
