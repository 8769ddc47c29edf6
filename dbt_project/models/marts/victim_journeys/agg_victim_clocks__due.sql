-- By the moment at which they are due, since which of them are decided is asked again with each moment. There is one a
-- day, at its end.
select
    due_at,
    clock_code,
    coalesce(force_code, 'unknown') as force_code,
    count(*) as count_rows,
    count(*) filter (where done_at <= due_at) as met,
    count(*) filter (where done_at > due_at) as breached
from {{ ref('fct_victim_clock_times') }}
group by 1, 2, 3
