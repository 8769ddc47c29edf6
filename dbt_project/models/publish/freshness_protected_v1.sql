-- How many rows a feed brought, and to the minute when, would date a report of a thin month.
select
    cast(date_trunc('week', last_received_at at time zone 'Europe/London') as date) as last_received_week,
    feed,
    feed_title,
    feed_owner,
    feed_sender,
    contract_version,
    count_days_between_deliveries,
    count_hours_of_grace,
    is_late,
    known_issue_ids,
    count_rows_simulated > 0 as is_simulated
from {{ ref('agg_feed_freshness') }}
