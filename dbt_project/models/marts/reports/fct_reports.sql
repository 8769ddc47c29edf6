with reports as (
    select * from {{ ref('int_reports__unioned') }}
),

persons as (
    select
        report_id,
        {{
            person_id(
                name_token='victim_name_token',
                birth_token='victim_date_of_birth_token',
                email_token="case when reporter_is_victim then reporter_email_token else victim_email_token end",
                phone_token="case when reporter_is_victim then reporter_phone_token else victim_phone_token end",
            )
        }} as victim_person_id,
        {{
            person_id(
                name_token=none,
                birth_token=none,
                email_token='reporter_email_token',
                phone_token='reporter_phone_token',
            )
        }} as reporter_person_id
    from reports
)

select
    reports.report_id,
    reports.feed,
    reports.delivery_id,
    reports.row_number,
    {{ stable_id(["'incident'", "cast(reports.report_id as text)"]) }} as incident_id,
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
