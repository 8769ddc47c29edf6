{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Incidents whose journeys an incremental build has to do again: those that events came to or went from, and those of
-- which something else has changed.
select incidents.incident_id
from {{ changes_of('int_incidents') }} as incidents
union
select matches.incident_id
from {{ changes_of('int_journey_matches') }} as matches
where matches.incident_id is not null
union
select persons.incident_id
from {{ changes_of('int_reports__persons') }} as persons
union
select found.incident_id
from {{ ref('int_touched__delivered_events') }} as events
cross join
    lateral (
        select matches.incident_id
        from {{ ref('int_journey_matches') }} as matches
        where matches.event_id = events.event_id and matches.incident_id is not null
        {{ row_by_row() }}
    ) as found
where {{ adds_to_what_stands() }}
