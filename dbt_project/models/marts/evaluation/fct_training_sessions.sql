select
    session_id,
    delivery_id,
    row_number,
    session_ref,
    audience,
    force_code,
    topic_code,
    organisation_name,
    hours,
    count_invited,
    count_attended,
    count_completed,
    held_on
from {{ ref('stg_training_sessions') }}
