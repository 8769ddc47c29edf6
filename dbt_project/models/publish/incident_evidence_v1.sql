select
    reported_at,
    incident_id,
    report_id,
    feed,
    delivery_id,
    row_number,
    report_ref,
    delivery_sha256,
    is_simulated
from {{ ref('bridge_incident_evidence') }}
