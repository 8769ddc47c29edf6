select
    cast(date_trunc('month', started_at at time zone 'Europe/London') as date) as month,
    activity,
    report_ref is not null as is_on_case,
    count(*) as count_rows,
    cast(sum(hours) as numeric(18, 6)) as hours
from {{ ref('stg_hub_activity') }}
group by 1, 2, 3
