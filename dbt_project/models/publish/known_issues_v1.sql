select
    from_on,
    issue_id,
    feed as dataset,
    column_name,
    sender,
    effect,
    resolution,
    status,
    is_drift,
    to_on,
    opened_at,
    closed_at
from {{ ref('dim_known_issue') }}
