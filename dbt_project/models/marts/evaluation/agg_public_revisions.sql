{{ config(materialized='view') }}

-- A view, because a figure is stated in the moment in which it is published. Public statistics come out in issues, and
-- nothing in here is finer than an issue: of figures from a time before there were issues the last of a month counts.
with issued as (
    select
        measure_code,
        area_code,
        part_code,
        period_code,
        issue_month,
        mark,
        public_value,
        min(publish_id) over (partition by issue_month) as stated_in_publish,
        row_number() over (
            partition by measure_code, area_code, part_code, period_code, issue_month order by publish_id desc
        ) as newest_first
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
where newest_first = 1
window figures as (partition by measure_code, area_code, part_code, period_code order by issue_month)
