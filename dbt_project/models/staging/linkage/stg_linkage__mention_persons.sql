select
    mention_id,
    person_id,
    changed_at
from {{ source('linkage', 'mention_persons') }}
