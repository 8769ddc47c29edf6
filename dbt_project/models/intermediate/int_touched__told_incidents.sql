-- Incidents that one of the touched events may be about, now or before: every one that any version of it points to.
with events as (
    select
        records.event_id,
        records.report_id,
        records.report_ref,
        case when records.report_id is null then records.crime_reference end as crime_reference
    from {{ ref('int_touched__journey_events') }} as touched
    inner join {{ ref('int_journey_records') }} as records on touched.event_id = records.event_id
),

reports as (
    select report_id from events
    where report_id is not null
    union
    select known_names.report_id
    from events
    inner join {{ ref('int_reports__names') }} as known_names
        on known_names.reference_kind = 'report_ref' and events.report_ref = known_names.reference
    union
    select known_names.report_id
    from events
    inner join {{ ref('int_reports__names') }} as known_names
        on known_names.reference_kind = 'crime_reference' and events.crime_reference = known_names.reference
    union
    select people.record_id as report_id
    from events
    inner join {{ ref('stg_linkage__mention_persons') }} as mentions
        on {{ mention_id('events.event_id', 'victim') }} = mentions.mention_id
    inner join {{ ref('stg_linkage__mention_persons') }} as same_person
        on mentions.person_id = same_person.person_id
    inner join {{ ref('stg_linkage__mention_portraits') }} as people on same_person.mention_id = people.mention_id
    inner join {{ ref('int_reports__unioned') }} as unioned on people.record_id = unioned.report_id
    where people.role = 'victim' or people.is_reporter_victim
)

-- A report that linkage has not seen is an incident of its own.
select distinct
    coalesce(
        links.incident_id, {{ stable_id(["'incident'", "cast(reports.report_id as text)"]) }}
    ) as incident_id
from reports
left join {{ ref('stg_linkage__report_incidents') }} as links on reports.report_id = links.report_id
where {{ adds_to_what_stands() }}
