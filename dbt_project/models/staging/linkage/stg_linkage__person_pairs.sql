select
    mention_a,
    mention_b,
    probability,
    state,
    model_version,
    found_at
from {{ source('linkage', 'person_pairs') }}
