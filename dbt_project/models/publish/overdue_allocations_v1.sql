-- For how long it has waited, `published_at` stands beside it.
with waiting as (
    select
        allocations.*,
        {{ overdue_kind('allocations') }} as overdue_kind
    from {{ ref('fct_allocations') }} as allocations
)

select
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
    waiting.allocated_at,
    case waiting.overdue_kind when 'not_acknowledged' then waiting.due_at else waiting.action_due_at end as due_at
from waiting
inner join {{ ref('fct_incidents') }} as incidents on waiting.incident_id = incidents.incident_id
left join {{ ref('dim_force') }} as forces
    on
        waiting.target_code = forces.force_code
        and waiting.target_kind in ('force', 'other_country')
left join {{ ref('dim_provider') }} as providers
    on
        waiting.target_code = providers.provider_code
        and waiting.target_kind = 'provider'
where waiting.overdue_kind is not null
