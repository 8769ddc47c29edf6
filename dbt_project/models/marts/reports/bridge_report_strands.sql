select
    report_id,
    strand_code,
    delivery_id,
    row_number
from {{ ref('int_reports__strands') }}
