select
    record_section,
    record_field,
    record_statement,
    is_measured,
    valid_from,
    review_on,
    record_source
from {{ ref('dim_transparency_record') }}
