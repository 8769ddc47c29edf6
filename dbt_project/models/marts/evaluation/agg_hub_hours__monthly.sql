{{
    config(
        materialized='incremental',
        incremental_strategy='summed',
        unique_key=['month', 'activity', 'is_on_case'],
        on_schema_change='fail',
        meta={'sums_of': 'stg_hub_activity'},
    )
}}

select
    cast(date_trunc('month', started_at at time zone 'Europe/London') as date) as month,
    activity,
    report_ref is not null as is_on_case,
    sum(sign) as count_rows,
    -- Of one scale: what is added up in several steps is written as what is added up in one.
    cast(sum(sign * hours) as numeric(18, 6)) as hours
from {{ rows_to_sum('stg_hub_activity') }} as worked
group by 1, 2, 3
