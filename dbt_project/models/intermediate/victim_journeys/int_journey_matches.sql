{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id',
        indexes=[
            {'columns': ['event_id', 'record_hash'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}, {{ ref('stg_ledger__new_deliveries') }}
-- depends_on: {{ ref('stg_ledger__builds') }}, {{ ref('stg_linkage__person_changes') }}
-- depends_on: {{ ref('int_person_mentions') }}
-- What an event points to, best first: the report that it is, the report or the crime that it names, what else the same
-- client's service has named, the incident of the person. What points to several incidents points to none. Most
-- are settled by a reference that one incident alone bears, and nothing else is looked for.
with {% if is_incremental() -%}
    affected_reports as (
        select
            report_id,
            victim_person_id
        from {{ ref('int_reports__persons') }}
        where incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    ),

    affected_names as (
        select
            known_names.reference_kind,
            known_names.reference
        from {{ ref('int_reports__names') }} as known_names
        inner join affected_reports on known_names.report_id = affected_reports.report_id
        union
        -- What a report quoted before it was corrected.
        select
            'crime_reference' as reference_kind,
            quoted.crime_reference as reference
        from {{ ref('int_journey_records') }} as quoted
        inner join affected_reports on quoted.report_id = affected_reports.report_id
        where quoted.crime_reference is not null
    ),

    affected_persons as (
        select victim_person_id as person_id from affected_reports
        where victim_person_id is not null
        union
        select unnest(array[changes.old_person_id, changes.new_person_id]) as person_id
        from {{ ref('stg_linkage__person_changes') }} as changes
        where
            changes.changed_at > (
                select max(builds.linked_at) from {{ ref('stg_ledger__builds') }} as builds
                where builds.status = 'succeeded' and builds.selection is null
            )
    ),

    -- Events that are new, that were matched to an affected incident, or name one of its reports or victims.
    naming_events as (
        select brought.event_id
        from {{ ref('int_journey_records') }} as brought
        where
            brought.delivery_id in (select arrived.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as arrived)
        union
        select found_before.event_id
        from {{ this }} as found_before
        where
            found_before.incident_id in (
                select affected.incident_id from {{ ref('int_affected_incidents') }} as affected
            )
        union
        select named.event_id
        from {{ ref('int_journey_records') }} as named
        inner join affected_names
            on affected_names.reference_kind = 'report_ref' and named.report_ref = affected_names.reference
        union
        select named.event_id
        from {{ ref('int_journey_records') }} as named
        inner join affected_names
            on affected_names.reference_kind = 'crime_reference' and named.crime_reference = affected_names.reference
        union
        select mentions.record_id as event_id
        from {{ ref('int_person_mentions') }} as mentions
        inner join {{ ref('stg_linkage__mention_persons') }} as persons on mentions.mention_id = persons.mention_id
        inner join affected_persons on persons.person_id = affected_persons.person_id
    ),

    affected_events as (
        select event_id from naming_events
        union
        select of_client.event_id
        from {{ ref('int_journey_records') }} as of_client
        inner join {{ ref('int_journey_records') }} as of_event
            on of_client.client_ref = of_event.client_ref and of_client.service_code = of_event.service_code
        where of_event.event_id in (select naming_events.event_id from naming_events)
    ),

{% endif -%}
records as (
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
    left join {{ ref('int_reports__references') }} as sure on told.report_ref = sure.report_ref
    where
        told.event_kind is not null
        {% if is_incremental() %}
            and told.event_id in (select affected_events.event_id from affected_events)
        {% endif %}
    order by told.event_id asc, told.record_hash asc, told.known_at asc
),

clients as (
    select distinct
        service_code,
        client_ref
    from records
    where client_ref is not null and not is_settled
),

events_of_clients as (
    select told.event_id
    from {{ ref('int_journey_records') }} as told
    inner join clients on told.service_code = clients.service_code and told.client_ref = clients.client_ref
),

-- Whose event it is and what it names as it is now: a client or a name that was corrected leads nowhere any more.
newest_of_clients as (
    select distinct on (event_id)
        event_id,
        service_code,
        client_ref,
        report_ref,
        crime_reference
    from {{ ref('int_journey_records') }}
    where event_id in (select events_of_clients.event_id from events_of_clients)
    order by event_id asc, version_order desc
),

siblings as (
    select
        records.event_id,
        records.record_hash,
        further.report_ref,
        -- As for an event itself, the crime matters only where no report bears the reference that is named beside it.
        case
            when
                not exists (
                    select 1 from {{ ref('int_reports__names') }} as known_names
                    where known_names.reference_kind = 'report_ref' and known_names.reference = further.report_ref
                )
                then further.crime_reference
        end as crime_reference,
        greatest(records.known_at, further.known_at) as known_at
    from records
    inner join {{ ref('int_journey_records') }} as further
        on
            records.client_ref = further.client_ref
            and records.service_code = further.service_code
            and records.event_id <> further.event_id
    inner join newest_of_clients as newest
        on
            further.event_id = newest.event_id
            and further.client_ref = newest.client_ref
            and further.service_code = newest.service_code
            and further.report_ref is not distinct from newest.report_ref
            and further.crime_reference is not distinct from newest.crime_reference
    where
        not records.is_settled
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
            bearers.report_id,
            {{ named }}.known_at
        from {{ named }}
        inner join {{ ref('int_reports__names') }} as bearers
            on {{ named }}.{{ reference }} = bearers.reference and bearers.reference_kind = '{{ reference }}'
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
    inner join {{ ref('int_reports__persons') }} as reports on mentions.person_id = reports.victim_person_id
    where not records.is_settled
),

first_told as (
    select
        event_id as report_id,
        min(known_at) as known_at
    from {{ ref('int_journey_records') }}
    where event_id = report_id
    group by event_id
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
    left join {{ ref('stg_linkage__report_incidents') }} as links on pointers.report_id = links.report_id
    left join first_told on pointers.report_id = first_told.report_id
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

-- The best of what it points with decides, also where that points to several incidents: a lesser hint would be a guess.
best as (
    select distinct on (event_id, record_hash) *
    from graded
    order by event_id asc, record_hash asc, grade asc
)

select
    records.event_id,
    records.record_hash,
    case when best.count_incidents = 1 then best.incident_id end as incident_id,
    -- Only what names a report says whose event it is; a client or person may be of several victims' reports.
    case when best.grade <= 3 and best.count_incidents = 1 and best.count_reports = 1 then best.report_id end
        as report_id,
    case
        when best.count_incidents > 1 then 'several_incidents'
        when best.grade = 1 then 'report'
        when best.grade = 2 then 'report_ref'
        when best.grade = 3 then 'crime_reference'
        when best.grade = 4 then 'client'
        when best.grade = 5 then 'person'
        when records.report_ref is not null or records.crime_reference is not null then 'reference_unknown'
        when records.client_ref is not null then 'client_unknown'
        else 'names_nothing'
    end as match_basis,
    case when best.count_incidents = 1 then best.known_at end as matched_known_at
from records
left join best on records.event_id = best.event_id and records.record_hash = best.record_hash
