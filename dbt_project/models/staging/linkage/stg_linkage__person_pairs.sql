with source as (
    select * from {{ source('linkage', 'person_pairs') }}
)

select
    mention_a,
    mention_b,
    probability,
    state,
    model_version,
    found_at
from source
