select
    outcome_code,
    outcome_name,
    outcome_group,
    scheme,
    police_uk_name,
    is_final,
    is_positive
from {{ ref('dim_outcome') }}
