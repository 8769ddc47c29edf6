{{ config(materialized='view') }}

-- A view: few rows, and read twice, as freshness_v1 and as what a BI tool may know of it.
with deliveries as (
    select
        feed,
        count(*) as count_deliveries,
        count(*) filter (where status = 'loaded') as count_deliveries_loaded,
        count(*) filter (where status = 'held') as count_deliveries_held,
        count(*) filter (where status = 'refused') as count_deliveries_refused,
        sum(count_rows_accepted) as count_rows_accepted,
        sum(count_rows_quarantined) as count_rows_quarantined,
        sum(count_rows_duplicate) as count_rows_duplicate,
        sum(count_rows_accepted) filter (where is_simulated) as count_rows_simulated,
        max(last_event_on) as last_event_on,
        -- A file that could not be read tells nothing, so it does not make its feed fresh.
        max(received_at) filter (where status <> 'refused') as last_received_at,
        max(loaded_at) filter (where status = 'loaded') as last_loaded_at
    from {{ ref('fct_deliveries') }}
    -- A delivery that was withdrawn counts as if it had never come.
    where status <> 'withdrawn'
    group by feed
),

due as (
    select
        feeds.feed,
        feeds.feed_title,
        feeds.feed_owner,
        feeds.feed_sender,
        feeds.contract_version,
        feeds.count_days_between_deliveries,
        feeds.count_hours_of_grace,
        deliveries.count_deliveries,
        deliveries.count_deliveries_loaded,
        deliveries.count_deliveries_held,
        deliveries.count_deliveries_refused,
        deliveries.count_rows_accepted,
        deliveries.count_rows_quarantined,
        deliveries.count_rows_duplicate,
        deliveries.count_rows_simulated,
        deliveries.last_event_on,
        deliveries.last_received_at,
        deliveries.last_loaded_at,
        -- A feed that never came is due from the day on which the hub got to know its contract.
        coalesce(deliveries.last_received_at, feeds.first_known_at)
        + make_interval(days => feeds.count_days_between_deliveries, hours => feeds.count_hours_of_grace) as due_at
    from {{ ref('dim_feed') }} as feeds
    left join deliveries on feeds.feed = deliveries.feed
)

select
    feed,
    feed_title,
    feed_owner,
    feed_sender,
    contract_version,
    count_days_between_deliveries,
    count_hours_of_grace,
    coalesce(count_deliveries, 0) as count_deliveries,
    coalesce(count_deliveries_loaded, 0) as count_deliveries_loaded,
    coalesce(count_deliveries_held, 0) as count_deliveries_held,
    coalesce(count_deliveries_refused, 0) as count_deliveries_refused,
    cast(coalesce(count_rows_accepted, 0) as bigint) as count_rows_accepted,
    cast(coalesce(count_rows_quarantined, 0) as bigint) as count_rows_quarantined,
    cast(coalesce(count_rows_duplicate, 0) as bigint) as count_rows_duplicate,
    last_event_on,
    last_received_at,
    last_loaded_at,
    due_at,
    due_at < now() as is_late,
    {{ known_issue_ids('freshness_v1', day='current_date', only={'feed': 'due.feed'}) }} as known_issue_ids,
    cast(coalesce(count_rows_simulated, 0) as bigint) as count_rows_simulated
from due
