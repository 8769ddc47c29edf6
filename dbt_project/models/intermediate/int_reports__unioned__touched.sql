-- The reports of touched incidents as the feeds tell of them, found once for all models of an incremental build. It
-- goes with the build: who asks afterwards looks the reports up (`touched_reports`).
select
    reports.report_id,
    reports.feed,
    reports.delivery_id,
    reports.row_number,
    reports.report_ref,
    reports.body_code,
    reports.reported_at,
    reports.occurred_on,
    reports.strands,
    reports.is_online,
    reports.platform,
    reports.content_url,
    reports.is_anonymous,
    reports.reporter_is_victim,
    reports.is_threat_to_life,
    reports.description_token,
    reports.reporter_name_token,
    reports.reporter_email_token,
    reports.reporter_phone_token,
    reports.victim_name_token,
    reports.victim_email_token,
    reports.victim_phone_token,
    reports.victim_date_of_birth_token,
    reports.victim_postcode_token,
    reports.has_reporter_details,
    reports.has_victim_details,
    reports.offence_postcode_district,
    reports.offence_lsoa_code,
    reports.borough_named,
    reports.force_named,
    reports.crime_reference,
    reports.consent_share_police,
    reports.consent_share_anonymised,
    reports.consent_refer_support,
    reports.consent_contact
from {{ looked_up(ref('int_reports__located'), 'incident_id', ref('int_touched__incidents')) }} as asked
cross join
    lateral (
        select unioned.*
        from {{ ref('int_reports__unioned') }} as unioned
        where unioned.report_id = asked.report_id
        {{ row_by_row() }}
    ) as reports
where {{ adds_to_what_stands() }}
