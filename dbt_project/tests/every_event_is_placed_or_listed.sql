-- so that no event is dropped: the latest version of each is on a journey or on the list of
-- those for which no incident is known, and not on both.
with latest as (
    select distinct on (told.event_id)
        told.event_id,
        told.event_kind
    from {{ ref('int_journey_records') }} as told
    order by told.event_id asc, told.version_order desc
)

select latest.event_id
from latest
left join {{ ref('fct_journey_events') }} as placed on latest.event_id = placed.event_id
left join {{ ref('fct_unmatched_journey_events') }} as listed on latest.event_id = listed.event_id
where
    (latest.event_kind is not null) <> (coalesce(placed.event_id, listed.event_id) is not null)
    or (placed.event_id is not null and listed.event_id is not null)
