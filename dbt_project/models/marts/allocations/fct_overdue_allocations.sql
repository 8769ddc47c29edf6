-- A view: an allocation becomes overdue by itself, without a delivery about it. A force has acted when it
-- accepts; a provider when it closes, and one that asked for more waits for the hub.
{{ config(materialized='view') }}

with waiting as (
    select
        allocations.*,
        case
            when allocations.closed_at is not null or allocations.status = 'returned' then null
            when
                allocations.acknowledged_at is null and allocations.due_at < as_of.data_as_of
                then 'not_acknowledged'
            when
                allocations.accepted_at is null and allocations.action_due_at < as_of.data_as_of
                then 'never_acted_on'
        end as overdue_kind
    from {{ ref('fct_allocations') }} as allocations
    cross join {{ ref('dim_as_of') }} as as_of
)

select
    allocation_id,
    incident_id,
    delivery_id,
    row_number,
    duty,
    target_kind,
    target_code,
    route,
    overdue_kind,
    status,
    allocated_at,
    case overdue_kind when 'not_acknowledged' then due_at else action_due_at end as due_at
from waiting
where overdue_kind is not null
