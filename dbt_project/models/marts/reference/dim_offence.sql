select
    offence_code,
    offence_name,
    offence_group,
    mps_minor_category,
    is_aggravated,
    is_confirmed
from {{ ref('offences') }}
