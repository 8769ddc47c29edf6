{{ config(materialized='view') }}

-- A view, because disclosure control decides after the counts are made, once an issue.
select
    measure_code,
    area_kind,
    area_code,
    part_code,
    period_code,
    period_start,
    period_end,
    issue_month,
    mark,
    public_value
from {{ ref('stg_disclosure__cells') }}
where measure_code in ('measures', 'force_scorecard', 'provider_scorecard')
