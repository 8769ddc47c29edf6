{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['incident_id']},
        ],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- Where it belongs is the incident's to say, by the evidence of all its reports.
select
    reports.report_id,
    reports.feed,
    reports.delivery_id,
    reports.row_number,
    persons.incident_id,
    persons.victim_person_id,
    persons.reporter_person_id,
    incidents.force_code,
    incidents.lad_code,
    reports.offence_lsoa_code,
    reports.offence_postcode_district,
    reports.report_ref,
    reports.body_code,
    reports.platform as provider_code,
    reports.crime_reference,
    reports.content_url,
    reports.description_token,
    incidents.location_evidence,
    located.location_status,
    reports.is_online,
    reports.is_anonymous,
    reports.reporter_is_victim as is_reporter_victim,
    reports.is_threat_to_life,
    reports.consent_share_police as is_consented_share_police,
    reports.consent_share_anonymised as is_consented_share_anonymised,
    reports.consent_refer_support as is_consented_refer_support,
    reports.consent_contact as is_consented_contact,
    reports.occurred_on,
    reports.reported_at
from {{ of_touched('int_reports__persons') }} as persons
inner join {{ touched_reports() }} as reports on persons.report_id = reports.report_id
inner join {{ of_touched('int_reports__located') }} as located on persons.report_id = located.report_id
inner join {{ of_touched('int_incidents') }} as incidents on persons.incident_id = incidents.incident_id
