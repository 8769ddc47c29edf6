-- What is overdue now, and with whom? Threats to life first, then the oldest.
select
    target_kind,
    target_name,
    route,
    overdue_kind,
    is_threat_to_life,
    allocation_id,
    incident_id,
    allocated_at,
    due_at
from publish.overdue_allocations_v1
order by is_threat_to_life desc, due_at asc, allocation_id asc;
