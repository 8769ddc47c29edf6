{{
    config(
        materialized='incremental',
        incremental_strategy='summed',
        unique_key=['due_at', 'clock_code', 'force_code'],
        on_schema_change='fail',
        meta={'sums_of': 'fct_victim_clock_times'},
    )
}}

-- By the moment at which they are due, since which of them are decided is asked anew with each moment. There is one a
-- day, at its end.
select
    due_at,
    clock_code,
    coalesce(force_code, 'unknown') as force_code,
    sum(sign) as count_rows,
    coalesce(sum(sign) filter (where done_at <= due_at), 0) as met,
    coalesce(sum(sign) filter (where done_at > due_at), 0) as breached
from {{ rows_to_sum('fct_victim_clock_times') }} as clocks
group by 1, 2, 3
