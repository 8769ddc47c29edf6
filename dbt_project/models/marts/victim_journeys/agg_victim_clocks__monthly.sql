{{
    config(
        materialized='incremental',
        incremental_strategy='summed',
        unique_key=['month', 'clock_code', 'force_code'],
        on_schema_change='fail',
        meta={'sums_of': 'fct_victim_clocks'},
    )
}}

-- A clock belongs to the month in which it was due: one that is still running then was not met then. Most are due at
-- the end of a day, so that the month is asked of few moments.
with moments as (
    select
        due_at,
        clock_code,
        coalesce(force_code, 'unknown') as force_code,
        sum(sign) as count_rows,
        coalesce(sum(sign) filter (where clock_state = 'met'), 0) as met
    from {{ rows_to_sum('fct_victim_clocks') }} as clocks
    group by 1, 2, 3
)

select
    cast(date_trunc('month', (due_at - interval '1 second') at time zone 'Europe/London') as date) as month,
    clock_code,
    force_code,
    cast(sum(count_rows) as bigint) as count_rows,
    cast(sum(met) as bigint) as met
from moments
group by 1, 2, 3
