{{ config(materialized='view') }}

-- A view, so that it shows a publish that came after the last build. One row for each figure and monthly issue. Where a
-- month has several publishes with other figures, as before there were issues, those of the last one count.
with issued as (
    select
        measure_code,
        area_code,
        part_code,
        period_code,
        issue_month,
        mark,
        public_value,
        publish_id as stated_in_publish,
        row_number() over (
            partition by measure_code, area_code, part_code, period_code, issue_month order by publish_id desc
        ) as rank_in_issue
    from {{ ref('stg_disclosure__statements') }}
    where measure_code in ('criminal_incidents', 'closed_incidents')
)

select
    measure_code,
    area_code,
    part_code,
    period_code,
    stated_in_publish,
    cast(issue_month as timestamp) at time zone 'Europe/London' as stated_at,
    mark,
    public_value,
    cast(row_number() over figures as integer) as statement_number,
    public_value - lag(public_value) over figures as change_of_value,
    row_number() over (partition by measure_code, area_code, part_code, period_code order by issue_month desc) = 1
        as is_latest
from issued
where rank_in_issue = 1
window figures as (partition by measure_code, area_code, part_code, period_code order by issue_month)
