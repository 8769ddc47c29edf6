select
    hub_day,
    cast(date_trunc('month', hub_day) as date) as month,
    count_full_posts,
    count_capacity,
    count_incidents,
    count_urgent,
    count_beyond_capacity,
    count_crimes_beyond_capacity,
    count_beyond_capacity > 0 as is_over_capacity,
    {{ known_issue_ids('hub_capacity_v1', day='hub_day') }} as known_issue_ids
from {{ ref('fct_hub_days') }}
