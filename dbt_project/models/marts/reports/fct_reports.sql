{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['report_ref']},
        ],
    )
}}

-- A report that linkage has not seen is an incident of its own.
with incidents as (
    select
        reports.report_id,
        coalesce(
            links.incident_id, {{ stable_id(["'incident'", "cast(reports.report_id as text)"]) }}
        ) as incident_id
    from {{ ref('int_reports__unioned') }} as reports
    left join {{ ref('stg_linkage__report_incidents') }} as links on reports.report_id = links.report_id
),

reports as (
    select
        unioned.*,
        incidents.incident_id
    from incidents
    inner join {{ ref('int_reports__unioned') }} as unioned on incidents.report_id = unioned.report_id
    where {{ touched('incident_id', 'incidents.incident_id') }}
),

persons as (
    select
        reports.report_id,
        coalesce(
            victims.person_id,
            {{
                person_id(
                    name_token='reports.victim_name_token',
                    birth_token='reports.victim_date_of_birth_token',
                    email_token="case when reports.reporter_is_victim then reports.reporter_email_token"
                        " else reports.victim_email_token end",
                    phone_token="case when reports.reporter_is_victim then reports.reporter_phone_token"
                        " else reports.victim_phone_token end",
                )
            }}
        ) as victim_person_id,
        coalesce(
            reporters.person_id,
            {{
                person_id(
                    name_token=none,
                    birth_token=none,
                    email_token='reports.reporter_email_token',
                    phone_token='reports.reporter_phone_token',
                )
            }}
        ) as reporter_person_id
    from reports
    left join {{ ref('stg_linkage__mention_persons') }} as victims
        on {{ mention_id('reports.report_id', 'victim') }} = victims.mention_id
    left join {{ ref('stg_linkage__mention_persons') }} as reporters
        on {{ mention_id('reports.report_id', 'reporter') }} = reporters.mention_id
)

select
    reports.report_id,
    reports.feed,
    reports.delivery_id,
    reports.row_number,
    reports.incident_id,
    persons.victim_person_id,
    case
        when reports.reporter_is_victim then coalesce(persons.victim_person_id, persons.reporter_person_id)
        else persons.reporter_person_id
    end as reporter_person_id,
    located.force_code,
    located.lad_code,
    reports.offence_lsoa_code,
    reports.offence_postcode_district,
    reports.report_ref,
    reports.body_code,
    reports.platform as provider_code,
    reports.crime_reference,
    reports.content_url,
    reports.description_token,
    located.location_evidence,
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
from reports
inner join persons on reports.report_id = persons.report_id
inner join {{ ref('int_reports__located') }} as located on reports.report_id = located.report_id
