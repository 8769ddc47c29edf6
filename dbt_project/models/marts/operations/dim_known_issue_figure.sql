-- An issue of one column marks all figures of its feed: which figures rest on which column nobody has listed.
-- An issue is of days of delivery, a figure of the days that those deliveries are about: the period in their name, else
-- from the first to the last event, else when they came.
with deliveries as (
    select
        feed,
        sender,
        {{ london_date('received_at') }} as received_on,
        coalesce(period_starts_on, first_event_on, {{ london_date('received_at') }}) as first_on,
        coalesce(period_ends_on, last_event_on, {{ london_date('received_at') }}) as last_on
    from {{ ref('fct_deliveries') }}
    where status = 'loaded'
),

covered as (
    select distinct
        issues.issue_id,
        issues.feed,
        issues.sender,
        deliveries.first_on,
        deliveries.last_on
    from {{ ref('dim_known_issue') }} as issues
    inner join deliveries
        on
            issues.feed = deliveries.feed
            and deliveries.received_on between issues.from_on and coalesce(issues.to_on, 'infinity')
            and (issues.sender is null or coalesce(deliveries.sender, issues.sender) = issues.sender)
)

select
    covered.issue_id,
    figures.view_name,
    figures.figure,
    covered.feed,
    covered.sender,
    covered.first_on as from_on,
    covered.last_on as to_on
from covered
inner join {{ ref('figures_by_feed') }} as figures on covered.feed = figures.feed
-- freshness_v1 has a row for each feed, so the list need not name it, and speaks of the days of delivery themselves.
union all
select
    issue_id,
    'freshness_v1' as view_name,
    cast(null as text) as figure,
    feed,
    sender,
    from_on,
    to_on
from {{ ref('dim_known_issue') }}
