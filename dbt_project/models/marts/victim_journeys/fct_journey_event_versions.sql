{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['event_id', 'record_hash', 'known_at', 'row_number'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
with matches as (
    select
        found.event_id,
        found.record_hash,
        found.incident_id,
        found.report_id,
        found.match_basis,
        found.matched_known_at
    from {{ ref('int_journey_matches') }} as found
    where
        found.incident_id is not null
        {% if is_incremental() %}
            and found.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
        {% endif %}
),

stated as (
    select
        told.*,
        lag(told.record_hash) over (partition by told.event_id order by told.version_order) as text_before
    from {{ ref('int_journey_records') }} as told
    where told.event_id in (select matches.event_id from matches)
),

-- What is stated again as it stood is no new version; a return to an earlier text is one.
changes as (
    select
        stated.*,
        count(*) filter (where stated.record_hash is distinct from stated.text_before) over (
            partition by stated.event_id order by stated.version_order
        ) as version_number
    from stated
),

texts as (
    select distinct on (changes.event_id, changes.version_number)
        changes.*,
        min(changes.known_at) over (partition by changes.event_id, changes.version_number) as first_known_at
    from changes
    order by changes.event_id asc, changes.version_number asc, changes.version_order asc
),

-- A version is known from when the hub can tell its incident until it receives one that comes later in the order of
-- deliveries. One that is received after a later one is never known at all.
versions as (
    select
        texts.*,
        min(texts.first_known_at) over (
            partition by texts.event_id
            order by texts.version_number desc
            rows between unbounded preceding and 1 preceding
        ) as superseded_at
    from texts
),

reports as (
    select
        report_id,
        incident_id,
        victim_person_id,
        is_victim_erased
    from {{ ref('int_reports__persons') }}
    {% if is_incremental() %}
        where incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

incident_victims as (
    select distinct
        incident_id,
        victim_person_id
    from reports
    where victim_person_id is not null
),

-- Where a victim was erased, the one who is left was not the only one.
only_victims as (
    select
        incident_id,
        (array_agg(victim_person_id) filter (where victim_person_id is not null))[1] as victim_person_id
    from reports
    group by incident_id
    having count(distinct victim_person_id) = 1 and not bool_or(is_victim_erased)
),

-- Whose event it is: the victim of the report that it names; else the person whom the record itself describes, if that
-- is one of the incident's victims; else the incident's only victim; else that person all the same; else nobody known.
-- Materialised: how many versions two ids find together the planner takes for one, and would then look through all
-- victims for each of them.
placed as materialized (
    select
        matches.*,
        coalesce(
            reports.victim_person_id,
            described.victim_person_id,
            only_victims.victim_person_id,
            mentions.person_id
        ) as victim_person_id
    from matches
    left join reports on matches.report_id = reports.report_id
    left join only_victims on matches.incident_id = only_victims.incident_id
    left join {{ ref('stg_linkage__mention_persons') }} as mentions
        on
            {{ mention_id('matches.event_id', 'victim') }} = mentions.mention_id
            and reports.victim_person_id is null
    left join incident_victims as described
        on matches.incident_id = described.incident_id and mentions.person_id = described.victim_person_id
),

told as (
    select
        placed.incident_id,
        placed.report_id,
        placed.match_basis,
        placed.victim_person_id,
        versions.event_id,
        versions.delivery_id,
        versions.row_number,
        versions.record_hash,
        versions.feed,
        versions.event_ref,
        versions.service_code,
        versions.event_kind,
        versions.event_detail,
        versions.happened_at,
        versions.recorded_at,
        versions.first_known_at as known_at,
        greatest(placed.matched_known_at, versions.first_known_at) as known_from,
        versions.superseded_at as known_to
    from placed
    inner join versions on placed.event_id = versions.event_id and placed.record_hash = versions.record_hash
)

select
    event_id,
    record_hash,
    {{
        stable_id(
            ["'journey'", "cast(incident_id as text)", "coalesce(cast(victim_person_id as text), 'unknown')"],
            prefix=prefix_of_id('incident_id')
        )
    }} as journey_id,
    incident_id,
    victim_person_id,
    report_id,
    delivery_id,
    row_number,
    feed,
    event_ref,
    service_code,
    event_kind,
    event_detail,
    match_basis,
    happened_at,
    recorded_at,
    known_at,
    known_from,
    known_to
from told
