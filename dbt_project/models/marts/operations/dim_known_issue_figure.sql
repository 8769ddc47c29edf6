select
    issues.issue_id,
    figures.view_name,
    figures.figure,
    issues.feed,
    issues.sender,
    issues.from_on,
    issues.to_on
from {{ ref('dim_known_issue') }} as issues
inner join {{ ref('figures_by_feed') }} as figures on issues.feed = figures.feed
