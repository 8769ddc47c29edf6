select
    report_id,
    incident_id,
    changed_at
from {{ source('linkage', 'report_incidents') }}
