-- What an incremental build has to find the incident of again: events that were brought or whose report was touched,
-- those that share a reference, a client or a person with one of them, and those whose person linkage has changed.
{{ config(post_hook='{{ keep_statistics(this) }}') }}

with last_build as (
    select coalesce(max(linked_at), '-infinity') as linked_at
    from {{ ref('stg_ledger__builds') }}
    where status = 'succeeded' and selection is null
),

touched_names as (
    select
        known_names.reference_kind,
        known_names.reference
    from {{ ref('int_reports__names') }} as known_names
    where known_names.report_id in (select touched.report_id from {{ ref('int_touched__reports') }} as touched)
    union
    -- What a report quoted before it was corrected leads to it no longer.
    select
        'crime_reference' as reference_kind,
        records.crime_reference as reference
    from {{ ref('int_journey_records') }} as records
    where
        records.report_id in (select touched.report_id from {{ ref('int_touched__reports') }} as touched)
        and records.crime_reference is not null
),

moved_mentions as (
    select mentions.mention_id
    from {{ ref('stg_linkage__mention_persons') }} as mentions
    cross join last_build
    where mentions.changed_at > last_build.linked_at
),

brought as (
    select records.event_id
    from {{ ref('int_journey_records') }} as records
    where
        records.delivery_id = any(
            array(select fresh.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as fresh)
        )
    union
    select report_id as event_id from {{ ref('int_touched__reports') }}
    union
    select people.record_id as event_id
    from moved_mentions
    inner join {{ ref('stg_linkage__mention_portraits') }} as people on moved_mentions.mention_id = people.mention_id
),

naming as (
    select event_id from brought
    union
    -- What a force's record tells besides that the crime was recorded.
    select records.event_id
    from {{ ref('int_touched__reports') }} as touched
    inner join {{ ref('int_journey_records') }} as records on touched.report_id = records.report_id
    union
    select records.event_id
    from touched_names
    inner join {{ ref('int_journey_records') }} as records
        on touched_names.reference_kind = 'report_ref' and touched_names.reference = records.report_ref
    union
    select records.event_id
    from touched_names
    inner join {{ ref('int_journey_records') }} as records
        on touched_names.reference_kind = 'crime_reference' and touched_names.reference = records.crime_reference
),

persons as (
    select mentions.person_id
    from naming
    inner join {{ ref('stg_linkage__mention_persons') }} as mentions
        on {{ mention_id('naming.event_id', 'victim') }} = mentions.mention_id
    union
    select changes.old_person_id as person_id
    from {{ ref('stg_linkage__person_changes') }} as changes
    cross join last_build
    where changes.changed_at > last_build.linked_at
    union
    select changes.new_person_id as person_id
    from {{ ref('stg_linkage__person_changes') }} as changes
    cross join last_build
    where changes.changed_at > last_build.linked_at
),

same_person as (
    select event_id from naming
    union
    select people.record_id as event_id
    from persons
    inner join {{ ref('stg_linkage__mention_persons') }} as mentions on persons.person_id = mentions.person_id
    inner join {{ ref('stg_linkage__mention_portraits') }} as people on mentions.mention_id = people.mention_id
    where people.role = 'victim' or people.is_reporter_victim
),

clients as (
    select distinct
        records.service_code,
        records.client_ref
    from same_person
    inner join {{ ref('int_journey_records') }} as records on same_person.event_id = records.event_id
    where records.client_ref is not null
)

select event_id from same_person
where {{ adds_to_what_stands() }}
union
select records.event_id
from clients
inner join {{ ref('int_journey_records') }} as records
    on clients.client_ref = records.client_ref and clients.service_code = records.service_code
where {{ adds_to_what_stands() }}
