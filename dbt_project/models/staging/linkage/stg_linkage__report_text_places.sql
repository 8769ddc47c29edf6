select
    report_id,
    lad_code
from {{ source('linkage', 'report_text_places') }}
