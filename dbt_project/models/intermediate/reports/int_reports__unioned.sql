-- A view, and without a `with`, so that each feed's staging table is looked up by its own indexes.
{{ config(materialized='view') }}

-- Without consent to share with the police, nothing that stands for a person goes further than staging. That a person
-- is mentioned does: they are followed under the hub's own pseudonym.
select
    report_id,
    feed,
    delivery_id,
    row_number,
    report_ref,
    body_code,
    reported_at,
    occurred_on,
    strands,
    is_online,
    platform,
    content_url,
    is_anonymous,
    reporter_is_victim,
    is_threat_to_life,
    case when consent_share_police then description_token end as description_token,
    case when consent_share_police then reporter_name_token end as reporter_name_token,
    case when consent_share_police then reporter_email_token end as reporter_email_token,
    case when consent_share_police then reporter_phone_token end as reporter_phone_token,
    case when consent_share_police then victim_name_token end as victim_name_token,
    case when consent_share_police then victim_email_token end as victim_email_token,
    case when consent_share_police then victim_phone_token end as victim_phone_token,
    case when consent_share_police then victim_date_of_birth_token end as victim_date_of_birth_token,
    case when consent_share_police then victim_postcode_token end as victim_postcode_token,
    coalesce(reporter_name_token, reporter_email_token, reporter_phone_token) is not null as has_reporter_details,
    coalesce(
        victim_name_token,
        victim_email_token,
        victim_phone_token,
        victim_date_of_birth_token,
        victim_postcode_token
    ) is not null as has_victim_details,
    offence_postcode_district,
    offence_lsoa_code,
    borough_named,
    force_named,
    crime_reference,
    consent_share_police,
    consent_share_anonymised,
    consent_refer_support,
    consent_contact
from {{ ref('int_reports__all_feeds') }}
