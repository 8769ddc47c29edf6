select
    outcome_code,
    outcome_name,
    outcome_group,
    scheme,
    police_uk_outcome as police_uk_name,
    is_final,
    is_positive
from {{ ref('outcomes') }}

union all

select
    outcome_code,
    written_name as outcome_name,
    outcome_group,
    'police_uk' as scheme,
    written_name as police_uk_name,
    is_final,
    -- The site's words are wider than the Home Office's types, so none of them is positive or not by itself.
    cast(null as boolean) as is_positive
from {{ ref('police_uk_outcome_names') }}
