-- An issue of one column marks all figures of its feed: which figures rest on which column nobody has listed.
-- freshness_v1 has a row for each feed, so the list need not name it.
with figures as (
    select
        view_name,
        figure,
        feed
    from {{ ref('figures_by_feed') }}
    union all
    select distinct
        'freshness_v1' as view_name,
        cast(null as text) as figure,
        feed
    from {{ ref('dim_known_issue') }}
)

select
    issues.issue_id,
    figures.view_name,
    figures.figure,
    issues.feed,
    issues.sender,
    issues.from_on,
    issues.to_on
from {{ ref('dim_known_issue') }} as issues
inner join figures on issues.feed = figures.feed
