-- so that a feed that never delivered is seen as silent rather than not at all
select feeds.feed
from {{ ref('dim_feed') }} as feeds
left join {{ ref('freshness_v1') }} as freshness on feeds.feed = freshness.feed
where freshness.feed is null
