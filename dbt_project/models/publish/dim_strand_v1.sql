select
    strand_code,
    strand_name,
    is_monitored,
    sort_order
from {{ ref('dim_strand') }}
