-- A view, and without a `with`, so that each feed's staging table is looked up by its own indexes.
{{ config(materialized='view') }}

-- Nothing that stands for a person goes further than staging, but that one is mentioned: linkage follows them under the
-- hub's own pseudonym. What stands for a text does where there is consent to share it with the police.
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
