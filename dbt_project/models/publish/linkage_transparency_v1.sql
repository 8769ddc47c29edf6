select
    valid_from,
    record_code,
    field_number,
    tier,
    section,
    field_code,
    field_name,
    statement,
    is_measured,
    review_on
from {{ ref('dim_linkage_transparency') }}
