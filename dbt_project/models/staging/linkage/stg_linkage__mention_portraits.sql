select
    mention_id,
    record_id,
    delivery_id,
    role,
    is_reporter_victim
from {{ source('linkage', 'mention_portraits') }}
