with source as (
    select * from {{ source('linkage', 'mention_persons') }}
)

select
    mention_id,
    person_id,
    changed_at
from source
