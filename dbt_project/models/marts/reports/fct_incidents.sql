{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[{'columns': ['incident_id'], 'unique': true}],
    )
}}

select
    incident_id,
    delivery_id,
    row_number,
    first_report_id,
    victim_person_id,
    incident_class,
    class_basis,
    funnel,
    force_code,
    lad_code,
    offence_lsoa_code,
    location_evidence,
    runner_up_force_code,
    runner_up_evidence,
    provider_code,
    first_report_ref,
    crime_reference,
    content_url,
    is_online,
    is_threat_to_life,
    is_criminal,
    is_investigated,
    is_abroad,
    is_police_record_alone,
    has_consent_share_police as is_consented_share_police,
    has_consent_refer_support as is_consented_refer_support,
    is_consented_share_anonymised,
    count_reports,
    count_police_records,
    count_reporters,
    count_victims,
    occurred_on,
    classified_at,
    first_reported_at,
    last_reported_at
from {{ ref('int_incidents') }}
where {{ touched('incident_id', 'incident_id') }}
