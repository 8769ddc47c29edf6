{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='event_id',
        on_schema_change='fail',
        meta={'tells_changed': ['event_id', 'incident_id']},
        indexes=[{'columns': ['event_id']}, {'columns': ['incident_id']}],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- What an event points to, best first: the report that it is, the report or the crime that it names, what else the same
-- client's service has named, the incident of the person. A grade that points to several incidents points to none. Most
-- are settled by a reference that one incident alone bears, and nothing else is looked for.
with records as (
    select distinct on (told.event_id, told.record_hash)
        told.event_id,
        told.record_hash,
        told.report_id,
        told.report_ref,
        -- A report is one: the crime that it quotes need not be looked for.
        case when told.report_id is null then told.crime_reference end as crime_reference,
        told.service_code,
        told.client_ref,
        told.known_at,
        told.report_id is not null or sure.incident_id is not null as is_settled
    from {{ ref('int_journey_records') }} as told
    left join
        lateral (
            select known.incident_id
            from {{ ref('int_reports__references') }} as known
            where told.report_ref = known.report_ref
            {{ row_by_row() }}
        ) as sure
        on true
    where told.event_kind is not null and {{ touched('event_id', 'told.event_id') }}
    order by told.event_id asc, told.record_hash asc, told.known_at asc
),

siblings as (
    select
        records.event_id,
        records.record_hash,
        further.report_ref,
        further.crime_reference,
        greatest(records.known_at, further.known_at) as known_at
    from records
    inner join {{ ref('int_journey_records') }} as further
        on
            records.client_ref = further.client_ref
            and records.service_code = further.service_code
            and records.event_id <> further.event_id
    where
        not records.is_settled
        and records.client_ref is not null
        and further.client_ref is not null
        and (further.report_ref is not null or further.crime_reference is not null)
),

pointers as (
    select
        event_id,
        record_hash,
        1 as grade,
        report_id,
        known_at
    from records
    where report_id is not null
    {%- for reference, named, grade in [
        ('report_ref', 'records', 2),
        ('crime_reference', 'records', 3),
        ('report_ref', 'siblings', 4),
        ('crime_reference', 'siblings', 4),
    ] %}
        union all
        select
            {{ named }}.event_id,
            {{ named }}.record_hash,
            {{ grade }} as grade,
            known_names.report_id,
            {{ named }}.known_at
        from {{ named }}
        cross join
            lateral (
                select bearers.report_id
                from {{ ref('int_reports__names') }} as bearers
                where bearers.reference_kind = '{{ reference }}' and {{ named }}.{{ reference }} = bearers.reference
                {{ row_by_row() }}
            ) as known_names
    {%- endfor %}
    union all
    select
        records.event_id,
        records.record_hash,
        5 as grade,
        reports.report_id,
        records.known_at
    from records
    inner join {{ ref('stg_linkage__mention_persons') }} as mentions
        on {{ mention_id('records.event_id', 'victim') }} = mentions.mention_id
    cross join
        lateral (
            select persons.report_id
            from {{ ref('int_reports__persons') }} as persons
            where mentions.person_id = persons.victim_person_id
            {{ row_by_row() }}
        ) as reports
    where not records.is_settled
),

-- A report that linkage has not seen is an incident of its own. A pointer is known once both its ends are.
pointed as (
    select
        pointers.event_id,
        pointers.record_hash,
        pointers.grade,
        coalesce(
            links.incident_id, {{ incident_id('pointers.report_id') }}
        ) as incident_id,
        pointers.report_id,
        greatest(pointers.known_at, first_told.known_at) as known_at
    from pointers
    left join lateral (
        select incidents.incident_id
        from {{ ref('stg_linkage__report_incidents') }} as incidents
        where pointers.report_id = incidents.report_id
        {{ row_by_row() }}
    ) as links on true
    cross join lateral (
        select min(told.known_at) as known_at
        from {{ ref('int_journey_records') }} as told
        where told.event_id = pointers.report_id
    ) as first_told
),

graded as (
    select
        event_id,
        record_hash,
        grade,
        count(distinct incident_id) as count_incidents,
        (array_agg(incident_id order by report_id))[1] as incident_id,
        (array_agg(report_id order by report_id))[1] as report_id,
        count(distinct report_id) as count_reports,
        min(known_at) as known_at
    from pointed
    group by event_id, record_hash, grade
),

best as (
    select distinct on (event_id, record_hash) *
    from graded
    where count_incidents = 1
    order by event_id asc, record_hash asc, grade asc
),

ambiguous as (
    select distinct
        event_id,
        record_hash
    from graded
    where count_incidents > 1
)

select
    records.event_id,
    records.record_hash,
    best.incident_id,
    case when best.count_reports = 1 then best.report_id end as report_id,
    case
        when best.grade = 1 then 'report'
        when best.grade = 2 then 'report_ref'
        when best.grade = 3 then 'crime_reference'
        when best.grade = 4 then 'client'
        when best.grade = 5 then 'person'
        when ambiguous.event_id is not null then 'several_incidents'
        when records.report_ref is not null or records.crime_reference is not null then 'reference_unknown'
        when records.client_ref is not null then 'client_unknown'
        else 'names_nothing'
    end as match_basis,
    best.known_at as matched_known_at
from records
left join best on records.event_id = best.event_id and records.record_hash = best.record_hash
left join ambiguous on records.event_id = ambiguous.event_id and records.record_hash = ambiguous.record_hash
