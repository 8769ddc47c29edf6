select
    change_id,
    kind,
    old_person_id,
    new_person_id,
    changed_at
from {{ source('linkage', 'person_changes') }}
