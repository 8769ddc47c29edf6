select
    change_id,
    kind,
    old_incident_id,
    new_incident_id,
    changed_at
from {{ source('linkage', 'incident_changes') }}
