{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
with reports as (
    select
        persons.incident_id,
        persons.victim_person_id,
        persons.reporter_person_id,
        unioned.*
    from {{ ref('int_reports__persons') }} as persons
    inner join {{ ref('int_reports__unioned') }} as unioned on persons.report_id = unioned.report_id
    {% if is_incremental() %}
        where persons.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

-- What one report of several must say for all: the earliest that says it, by its own time.
rolled_up as (
    select
        incident_id,
        (array_agg(report_id order by reported_at asc, report_id asc))[1] as first_report_id,
        (array_agg(report_ref order by reported_at asc, report_id asc))[1] as first_report_ref,
        (array_agg(delivery_id order by reported_at asc, report_id asc))[1] as delivery_id,
        (array_agg(row_number order by reported_at asc, report_id asc))[1] as row_number,
        (
            array_agg(occurred_on order by reported_at asc, report_id asc) filter (where occurred_on is not null)
        )[1] as occurred_on,
        (
            array_agg(platform order by reported_at asc, report_id asc) filter (where platform is not null)
        )[1] as provider_code,
        (
            array_agg(content_url order by reported_at asc, report_id asc) filter (where content_url is not null)
        )[1] as content_url,
        (
            array_agg(crime_reference order by reported_at asc, report_id asc)
            filter (where crime_reference is not null)
        )[1] as crime_reference_given,
        (
            array_agg(report_ref order by reported_at asc, report_id asc) filter (where body_code = 'police')
        )[1] as crime_reference_recorded,
        (
            array_agg(force_named order by reported_at asc, report_id asc) filter (where body_code = 'police')
        )[1] as recording_force_code,
        (array_agg(distinct victim_person_id) filter (where victim_person_id is not null))[1] as some_victim_person_id,
        cast(count(*) as integer) as count_reports,
        cast(count(*) filter (where body_code = 'police') as integer) as count_police_records,
        -- Who stays unknown is counted as somebody else each time.
        cast(
            count(distinct reporter_person_id) + count(*) filter (where reporter_person_id is null) as integer
        ) as count_reporters,
        cast(count(distinct victim_person_id) as integer) as count_victims,
        case
            when bool_or(is_online = 'yes') then 'yes'
            when bool_or(is_online = 'no') then 'no'
            else 'unknown'
        end as is_online,
        coalesce(bool_or(is_threat_to_life), false) as is_threat_to_life,
        -- Consent covers the details of the report that gives it, never those of another.
        coalesce(
            bool_and(consent_share_police) filter (where has_victim_details or has_reporter_details), false
        ) as has_consent_share_police,
        bool_and(consent_share_anonymised) as is_consented_share_anonymised,
        bool_or(consent_refer_support) as has_consent_refer_support,
        min(reported_at) as first_reported_at,
        max(reported_at) as last_reported_at,
        min(reported_at) filter (where body_code <> 'police') as first_hub_reported_at,
        min(reported_at) filter (where body_code = 'police') as recorded_at
    from reports
    group by incident_id
),

strands as (
    select
        reports.incident_id,
        array_agg(distinct codes.strand_code order by codes.strand_code) as strands
    from reports
    cross join lateral unnest(reports.strands) as codes (strand_code)
    group by reports.incident_id
),

abroad as (
    select
        suspects.incident_id,
        bool_or(suspects.suspect_country_code <> 'GB')
        and not bool_or(suspects.suspect_country_code = 'GB') as is_suspect_abroad
    from {{ ref('int_incidents__suspects') }} as suspects
    group by suspects.incident_id
),

classified as (
    select
        rolled_up.*,
        coalesce(strands.strands, '{}') as strands,
        coalesce(abroad.is_suspect_abroad, false) as is_suspect_abroad,
        case
            when triage.incident_id is not null then 'triage'
            when rolled_up.count_police_records > 0 then 'police_record'
            else 'presumed'
        end as class_basis,
        case when triage.incident_id is not null then triage.incident_class else 'crime' end as incident_class,
        case when triage.incident_id is not null then triage.is_criminal else true end as is_criminal,
        case when triage.incident_id is not null then triage.is_investigated else true end as is_investigated,
        coalesce(triage.classified_at, rolled_up.recorded_at, rolled_up.first_reported_at) as classified_at,
        evidence.force_code,
        evidence.lad_code,
        evidence.offence_lsoa_code,
        coalesce(evidence.location_evidence, 'none') as location_evidence,
        coalesce(evidence.count_sources, 0) as count_sources,
        evidence.runner_up_force_code,
        evidence.runner_up_evidence,
        coalesce(evidence.is_place_doubtful, false) as is_place_doubtful,
        evidence.evidence_known_at
    from rolled_up
    left join strands on rolled_up.incident_id = strands.incident_id
    left join abroad on rolled_up.incident_id = abroad.incident_id
    left join {{ ref('int_incidents__triage') }} as triage on rolled_up.incident_id = triage.incident_id
    left join {{ ref('int_incidents__evidence') }} as evidence on rolled_up.incident_id = evidence.incident_id
)

select
    incident_id,
    delivery_id,
    row_number,
    first_report_id,
    case when count_victims = 1 then some_victim_person_id end as victim_person_id,
    incident_class,
    class_basis,
    force_code,
    lad_code,
    offence_lsoa_code,
    location_evidence,
    runner_up_force_code,
    runner_up_evidence,
    provider_code,
    recording_force_code,
    first_report_ref,
    coalesce(crime_reference_recorded, crime_reference_given) as crime_reference,
    content_url,
    strands,
    -- A suspect abroad makes it a case for another country, also where the victim's force records it.
    case
        when not is_criminal then 'not_criminal'
        when is_suspect_abroad or force_code = 'ABROAD' then 'abroad'
        when force_code is not null then 'uk'
        else 'awaiting_provider'
    end as funnel,
    is_online,
    is_threat_to_life,
    is_criminal,
    is_investigated,
    is_place_doubtful,
    coalesce(is_suspect_abroad or force_code = 'ABROAD', false) as is_abroad,
    first_hub_reported_at is null as is_police_record_alone,
    has_consent_share_police,
    has_consent_refer_support,
    is_consented_share_anonymised,
    count_reports,
    count_police_records,
    count_reporters,
    count_victims,
    count_sources,
    occurred_on,
    classified_at,
    evidence_known_at,
    recorded_at,
    first_hub_reported_at,
    first_reported_at,
    last_reported_at
from classified
