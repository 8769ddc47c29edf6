-- Rows that were rejected stay out of the figures as much as those that wait for a person. Which month a bad row is of
-- only its delivery can say: the period in its name, else its other events, else when it came.
with deliveries as (
    select
        feed,
        count_rows_quarantined,
        coalesce(
            period_starts_on, first_event_on, cast(received_at at time zone 'Europe/London' as date)
        ) as first_on,
        coalesce(period_ends_on, last_event_on, cast(received_at at time zone 'Europe/London' as date)) as last_on
    from {{ ref('fct_deliveries') }}
    where status = 'loaded' and count_rows_quarantined > 0
),

by_month as (
    select
        deliveries.feed,
        cast(months.month as date) as month,
        sum(deliveries.count_rows_quarantined) as count_rows_quarantined
    from deliveries
    cross join
        lateral generate_series(
            date_trunc('month', cast(deliveries.first_on as timestamp)),
            cast(deliveries.last_on as timestamp),
            interval '1 month'
        ) as months (month)
    group by 1, 2
)

select
    figures.view_name,
    figures.figure,
    by_month.month,
    cast(sum(by_month.count_rows_quarantined) as bigint) as count_rows_quarantined
from by_month
inner join {{ ref('figures_by_feed') }} as figures on by_month.feed = figures.feed
group by 1, 2, 3
