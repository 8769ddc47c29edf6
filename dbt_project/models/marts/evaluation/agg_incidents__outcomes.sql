{{
    config(
        materialized='incremental',
        incremental_strategy='summed',
        unique_key=['force_code', 'month', 'closed_month', 'strands', 'outcome'],
        on_schema_change='fail',
        meta={'sums_of': 'fct_incident_measures'},
    )
}}

select
    coalesce(force_code, 'unknown') as force_code,
    month,
    closed_month,
    coalesce(nullif(strands, '{}'), array['not_stated']) as strands,
    case when is_charged then 'charged' when is_positive then 'other_positive' else 'not_positive' end as outcome,
    sum(sign) as count_rows
from {{ rows_to_sum('fct_incident_measures') }} as incidents
where is_criminal
group by 1, 2, 3, 4, 5
