{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- What an incremental build has to find the incident of again: events that were brought or whose report was touched,
-- and those that share a reference with one of them. What shares only a client or a person is asked again where nothing
-- better says what it is about: what stood is read past `ref`, as it is written later in the same build.
with touched_names as (
    select
        named.reference_kind,
        named.reference
    from {{ ref('int_touched__reports') }} as touched
    cross join
        lateral (
            select
                known_names.reference_kind,
                known_names.reference
            from {{ ref('int_reports__names') }} as known_names
            where known_names.report_id = touched.report_id
            {{ row_by_row() }}
        ) as named
    union
    -- What a report quoted before it was corrected leads to it no longer.
    select
        'crime_reference' as reference_kind,
        quoted.crime_reference as reference
    from {{ ref('int_touched__reports') }} as touched
    cross join lateral (
        select records.crime_reference
        from {{ ref('int_journey_records') }} as records
        where records.report_id = touched.report_id and records.crime_reference is not null
        {{ row_by_row() }}
    ) as quoted
),

naming as (
    select event_id from {{ ref('int_touched__delivered_events') }}
    union
    -- What a force's record tells besides that the crime was recorded.
    select told.event_id
    from {{ ref('int_touched__reports') }} as touched
    cross join
        lateral (
            select records.event_id
            from {{ ref('int_journey_records') }} as records
            where records.report_id = touched.report_id
            {{ row_by_row() }}
        ) as told
    {%- for reference in ('report_ref', 'crime_reference') %}
        union
        select naming_it.event_id
        from touched_names
        cross join
            lateral (
                select records.event_id
                from {{ ref('int_journey_records') }} as records
                where records.{{ reference }} = touched_names.reference
                {{ row_by_row() }}
            ) as naming_it
        where touched_names.reference_kind = '{{ reference }}'
    {%- endfor %}
),

clients as (
    select distinct
        served.service_code,
        served.client_ref
    from naming
    cross join lateral (
        select
            records.service_code,
            records.client_ref
        from {{ ref('int_journey_records') }} as records
        where records.event_id = naming.event_id and records.client_ref is not null
        {{ row_by_row() }}
    ) as served
),

persons as (
    select changed.victim_person_id as person_id
    from {{ changes_of('int_reports__persons') }} as changed
    where changed.victim_person_id is not null
    union
    select unnest(array[changes.old_person_id, changes.new_person_id]) as person_id
    from {{ ref('stg_linkage__person_changes') }} as changes
    where {{ since_last_build('changes.changed_at') }}
),

loosely as (
    select theirs.record_id as event_id
    from persons
    cross join
        lateral (
            select people.record_id
            from {{ ref('stg_linkage__mention_persons') }} as mentions
            inner join {{ ref('stg_linkage__mention_portraits') }} as people on mentions.mention_id = people.mention_id
            where
                mentions.person_id = persons.person_id
                and (people.role = 'victim' or people.is_reporter_victim)
            {{ row_by_row() }}
        ) as theirs
    union
    select of_client.event_id
    from clients
    cross join
        lateral (
            select records.event_id
            from {{ ref('int_journey_records') }} as records
            where records.client_ref = clients.client_ref and records.service_code = clients.service_code
            {{ row_by_row() }}
        ) as of_client
),

unsettled as (
    select loosely.event_id
    from loosely
    {%- for stood in [standing('int_journey_matches')] if stood %}
        where
            (
                select bool_and(coalesce(found.match_basis in ('report', 'report_ref', 'crime_reference'), false))
                from {{ stood }} as found
                where found.event_id = loosely.event_id
            ) is not true
    {%- endfor %}
)

select event_id from naming
where {{ adds_to_what_stands() }}
union
select event_id from unsettled
where {{ adds_to_what_stands() }}
