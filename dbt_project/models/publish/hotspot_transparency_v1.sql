select
    valid_from,
    record_section,
    record_field,
    record_statement,
    is_measured,
    review_on,
    record_source
from {{ ref('dim_transparency_record') }}
