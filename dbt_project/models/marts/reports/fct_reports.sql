{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- Whether the report itself tells where it happened.
with places as (
    select
        report_id,
        bool_or(force_code <> 'ABROAD') as is_located,
        bool_or(force_code = 'ABROAD') as is_abroad
    from {{ ref('int_reports__places') }}
    where
        location_evidence <> 'reporters_borough'
        {% if is_incremental() %}
            and incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
        {% endif %}
    group by report_id
)

-- Force, local authority and evidence of the place come from the incident, which weighs all its reports.
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
    case
        when places.is_located then 'located'
        when places.is_abroad then 'abroad'
        when places.report_id is not null then 'not_in_hub_areas'
        else 'not_stated'
    end as location_status,
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
from {{ ref('int_reports__persons') }} as persons
inner join {{ ref('int_reports__unioned') }} as reports on persons.report_id = reports.report_id
left join places on persons.report_id = places.report_id
inner join {{ ref('int_incidents') }} as incidents on persons.incident_id = incidents.incident_id
{% if is_incremental() %}
    where persons.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
{% endif %}
