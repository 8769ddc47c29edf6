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
-- A place that no list of the hub has is said where no report has a better one.
with places as (
    select
        reports.incident_id,
        bool_or(reports.location_status = 'not_in_hub_areas') as has_other_place
    from {{ ref('fct_reports') }} as reports
    {% if is_incremental() %}
        where reports.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
    group by reports.incident_id
)

select
    incidents.incident_id,
    incidents.delivery_id,
    incidents.row_number,
    incidents.first_report_id,
    incidents.victim_person_id,
    incidents.incident_class,
    incidents.class_basis,
    incidents.funnel,
    incidents.force_code,
    incidents.lad_code,
    incidents.offence_lsoa_code,
    incidents.location_evidence,
    case
        when incidents.force_code = 'ABROAD' then 'abroad'
        when incidents.location_evidence <> 'none' then 'located'
        when places.has_other_place then 'not_in_hub_areas'
        else 'not_stated'
    end as location_status,
    incidents.runner_up_force_code,
    incidents.runner_up_evidence,
    incidents.provider_code,
    incidents.first_report_ref,
    incidents.crime_reference,
    incidents.content_url,
    incidents.is_online,
    incidents.is_threat_to_life,
    incidents.is_criminal,
    incidents.is_investigated,
    incidents.is_abroad,
    incidents.is_police_record_alone,
    incidents.has_consent_share_police as is_consented_share_police,
    incidents.has_consent_refer_support as is_consented_refer_support,
    incidents.is_consented_share_anonymised,
    incidents.count_reports,
    incidents.count_police_records,
    incidents.count_reporters,
    incidents.count_victims,
    incidents.occurred_on,
    incidents.classified_at,
    incidents.first_reported_at,
    incidents.last_reported_at
from {{ ref('int_incidents') }} as incidents
left join places on incidents.incident_id = places.incident_id
{% if is_incremental() %}
    where incidents.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
{% endif %}
