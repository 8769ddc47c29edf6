with source as (
    select * from {{ source('linkage', 'report_pairs') }}
)

select
    report_a,
    report_b,
    reason,
    score,
    state,
    found_at
from source
