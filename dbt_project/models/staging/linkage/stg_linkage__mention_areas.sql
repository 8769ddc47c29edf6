select
    mention_id,
    postcode_district,
    changed_at
from {{ source('linkage', 'mention_areas') }}
