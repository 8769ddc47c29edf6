{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Events whose place in a journey an incremental build has to find again: those that are new or of another person,
-- those that another report or incident was found for, and all of incidents whose victims may be others than they were.
select event_id from {{ ref('int_touched__delivered_events') }}
where {{ adds_to_what_stands() }}
union
select matches.event_id
from {{ changes_of('int_journey_matches') }} as matches
union
select told.event_id
from (select distinct changed.incident_id from {{ changes_of('int_reports__persons') }} as changed) as incidents
cross join
    lateral (
        select matches.event_id
        from {{ ref('int_journey_matches') }} as matches
        where matches.incident_id = incidents.incident_id
        {{ row_by_row() }}
    ) as told
