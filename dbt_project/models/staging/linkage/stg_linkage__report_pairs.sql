select
    report_a,
    report_b,
    reason,
    score,
    state,
    found_at
from {{ source('linkage', 'report_pairs') }}
