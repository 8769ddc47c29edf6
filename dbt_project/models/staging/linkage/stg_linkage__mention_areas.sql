with source as (
    select * from {{ source('linkage', 'mention_areas') }}
)

select
    mention_id,
    postcode_district,
    changed_at
from source
