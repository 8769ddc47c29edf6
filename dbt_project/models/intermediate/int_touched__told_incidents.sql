-- Incidents that one of the touched events may be about, now or before: every one that any version of it points to.
with events as (
    select told.*
    from {{ ref('int_touched__journey_events') }} as touched
    cross join lateral (
        select
            records.event_id,
            records.report_id,
            records.report_ref,
            case when records.report_id is null then records.crime_reference end as crime_reference
        from {{ ref('int_journey_records') }} as records
        where records.event_id = touched.event_id
        {{ row_by_row() }}
    ) as told
),

persons as (
    select distinct described.person_id
    from events
    cross join lateral (
        select mentions.person_id
        from {{ ref('stg_linkage__mention_persons') }} as mentions
        where mentions.mention_id = {{ mention_id('events.event_id', 'victim') }}
        {{ row_by_row() }}
    ) as described
),

reports as (
    select report_id from events
    where report_id is not null
    union
    {%- for reference in ('report_ref', 'crime_reference') %}
        select named.report_id
        from (select distinct {{ reference }} from events) as quoted
        cross join
            lateral (
                select known_names.report_id
                from {{ ref('int_reports__names') }} as known_names
                where known_names.reference_kind = '{{ reference }}' and known_names.reference = quoted.{{ reference }}
                {{ row_by_row() }}
            ) as named
        union
    {%- endfor %}
    select theirs.report_id
    from persons
    cross join lateral (
        select unioned.report_id
        from {{ ref('stg_linkage__mention_persons') }} as mentions
        inner join {{ ref('stg_linkage__mention_portraits') }} as people on mentions.mention_id = people.mention_id
        inner join {{ ref('int_reports__unioned') }} as unioned on people.record_id = unioned.report_id
        where
            mentions.person_id = persons.person_id
            and (people.role = 'victim' or people.is_reporter_victim)
        {{ row_by_row() }}
    ) as theirs
)

-- A report that linkage has not seen is an incident of its own.
select distinct
    coalesce(
        links.incident_id, {{ stable_id(["'incident'", "cast(reports.report_id as text)"]) }}
    ) as incident_id
from reports
left join {{ ref('stg_linkage__report_incidents') }} as links on reports.report_id = links.report_id
where {{ adds_to_what_stands() }}
