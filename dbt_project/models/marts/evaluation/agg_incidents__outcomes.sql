select
    coalesce(force_code, 'unknown') as force_code,
    month,
    closed_month,
    coalesce(nullif(strands, '{}'), array['not_stated']) as strands,
    case when is_charged then 'charged' when is_positive then 'other_positive' else 'not_positive' end as outcome,
    count(*) as count_rows
from {{ ref('fct_incident_measures') }}
where is_criminal
group by 1, 2, 3, 4, 5
