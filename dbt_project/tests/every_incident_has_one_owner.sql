-- so that nobody falls between two desks, and no two forces work on one incident.
select incidents.incident_id
from {{ ref('fct_incidents') }} as incidents
left join {{ ref('fct_allocations') }} as owners
    on
        incidents.incident_id = owners.incident_id
        and owners.is_current_owner
group by incidents.incident_id
having count(owners.allocation_id) <> 1
