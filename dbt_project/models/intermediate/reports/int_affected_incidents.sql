{{ config(indexes=[{'columns': ['incident_id'], 'unique': true}]) }}

-- What has happened since the last good build of everything, whatever builds have failed since: until one has succeeded
-- all incidents are affected.
with last_build as (
    select max(linked_at) as linked_at
    from {{ ref('stg_ledger__builds') }}
    where status = 'succeeded' and selection is null
),

new_deliveries as (
    select deliveries.delivery_id
    from {{ ref('stg_ledger__new_deliveries') }} as deliveries
    inner join last_build on last_build.linked_at is not null
),

reports as materialized (
    select
        all_feeds.report_id,
        all_feeds.delivery_id,
        all_feeds.report_ref,
        all_feeds.crime_reference,
        links.changed_at,
        coalesce(links.incident_id, {{ incident_id('all_feeds.report_id') }}) as incident_id
    from {{ ref('int_reports__all_feeds') }} as all_feeds
    left join {{ ref('stg_linkage__report_incidents') }} as links on all_feeds.report_id = links.report_id
),

report_names as (
    select
        report_id,
        'report_ref' as reference_kind,
        report_ref as reference
    from reports
    union all
    select
        report_id,
        'crime_reference' as reference_kind,
        crime_reference as reference
    from reports
    where crime_reference is not null
),

report_mentions as materialized (
    select
        report_id,
        {{ mention_id('report_id', 'victim') }} as mention_id
    from reports
    union all
    select
        report_id,
        {{ mention_id('report_id', 'reporter') }} as mention_id
    from reports
),

changed_mentions as (
    select persons.mention_id
    from {{ ref('stg_linkage__mention_persons') }} as persons
    inner join last_build on persons.changed_at > last_build.linked_at
    union
    select areas.mention_id
    from {{ ref('stg_linkage__mention_areas') }} as areas
    inner join last_build on areas.changed_at > last_build.linked_at
),

-- Reports that are new or corrected, of another incident, or of which linkage knows another person or home.
changed_reports as materialized (
    select reports.report_id
    from reports
    inner join new_deliveries on reports.delivery_id = new_deliveries.delivery_id
    union
    select reports.report_id
    from reports
    inner join last_build on reports.changed_at > last_build.linked_at
    union
    select mentions.report_id
    from report_mentions as mentions
    inner join changed_mentions on mentions.mention_id = changed_mentions.mention_id
),

-- What these reports are called, and what they quoted before they were corrected.
changed_names as (
    select
        known_names.reference_kind,
        known_names.reference
    from report_names as known_names
    inner join changed_reports on known_names.report_id = changed_reports.report_id
    union
    select
        'crime_reference' as reference_kind,
        records.crime_reference as reference
    from {{ ref('int_journey_records') }} as records
    inner join changed_reports on records.report_id = changed_reports.report_id
    where records.crime_reference is not null
),

changed_events as materialized (
    select event_id
    from {{ ref('int_journey_records') }}
    where delivery_id in (select new_deliveries.delivery_id from new_deliveries)
    union
    select records.event_id
    from {{ ref('int_journey_records') }} as records
    inner join changed_names
        on changed_names.reference_kind = 'report_ref' and records.report_ref = changed_names.reference
    union
    select records.event_id
    from {{ ref('int_journey_records') }} as records
    inner join changed_names
        on changed_names.reference_kind = 'crime_reference' and records.crime_reference = changed_names.reference
    union
    select events.event_id
    from {{ ref('stg_victim_support_events') }} as events
    inner join changed_mentions on {{ mention_id('events.event_id', 'victim') }} = changed_mentions.mention_id
),

clients as (
    select distinct
        service_code,
        client_ref
    from {{ ref('int_journey_records') }}
    where client_ref is not null and event_id in (select changed_events.event_id from changed_events)
),

-- What can find another incident now: these events, and all others of the same clients.
matched_again as materialized (
    select event_id from changed_events
    union
    select records.event_id
    from {{ ref('int_journey_records') }} as records
    inner join clients on records.client_ref = clients.client_ref and records.service_code = clients.service_code
),

-- All that these events have ever named.
named as materialized (
    select distinct
        report_id,
        report_ref,
        crime_reference
    from {{ ref('int_journey_records') }}
    where event_id in (select matched_again.event_id from matched_again)
),

-- Persons that linkage has changed, and the persons of these events: an event without a known reference is matched by
-- its person.
affected_persons as (
    select persons.person_id
    from {{ ref('stg_linkage__mention_persons') }} as persons
    inner join changed_mentions on persons.mention_id = changed_mentions.mention_id
    union
    select unnest(array[changes.old_person_id, changes.new_person_id]) as person_id
    from {{ ref('stg_linkage__person_changes') }} as changes
    inner join last_build on changes.changed_at > last_build.linked_at
    union
    select persons.person_id
    from {{ ref('stg_linkage__mention_persons') }} as persons
    inner join matched_again on persons.mention_id = {{ mention_id('matched_again.event_id', 'victim') }}
),

affected_reports as (
    select report_id from changed_reports
    union
    select report_id from named
    where report_id is not null
    union
    select known_names.report_id
    from report_names as known_names
    inner join named
        on known_names.reference_kind = 'report_ref' and known_names.reference = named.report_ref
    union
    select known_names.report_id
    from report_names as known_names
    inner join named
        on known_names.reference_kind = 'crime_reference' and known_names.reference = named.crime_reference
    union
    select mentions.report_id
    from report_mentions as mentions
    inner join {{ ref('stg_linkage__mention_persons') }} as persons on mentions.mention_id = persons.mention_id
    inner join affected_persons on persons.person_id = affected_persons.person_id
)

select coalesce(links.incident_id, {{ incident_id('affected_reports.report_id') }}) as incident_id
from affected_reports
left join {{ ref('stg_linkage__report_incidents') }} as links on affected_reports.report_id = links.report_id
union
select unnest(array[changes.old_incident_id, changes.new_incident_id]) as incident_id
from {{ ref('stg_linkage__incident_changes') }} as changes
inner join last_build on changes.changed_at > last_build.linked_at
union
select reports.incident_id
from reports
inner join last_build on last_build.linked_at is null
