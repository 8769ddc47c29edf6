{{ config(materialized='view') }}

-- A person who can be known from a record is mentioned by it, with consent or without: linkage looks the values up in
-- the vault, and hands back pseudonyms. Feeds of reports are not named here; they are joined in int_reports__unioned.
select
    {{ mention_id('report_id', 'victim') }} as mention_id,
    report_id as record_id,
    delivery_id,
    row_number,
    feed,
    'victim' as role,
    reporter_is_victim as is_reporter_victim,
    cast(null as uuid) as client_id,
    reported_at as told_at
from {{ ref('int_reports__unioned') }}
where has_victim_details
union all
select
    {{ mention_id('report_id', 'reporter') }} as mention_id,
    report_id as record_id,
    delivery_id,
    row_number,
    feed,
    'reporter' as role,
    reporter_is_victim as is_reporter_victim,
    cast(null as uuid) as client_id,
    reported_at as told_at
from {{ ref('int_reports__unioned') }}
where has_reporter_details
union all
select
    {{ mention_id('event_id', 'victim') }} as mention_id,
    event_id as record_id,
    delivery_id,
    row_number,
    'victim_support_events' as feed,
    'victim' as role,
    cast(null as boolean) as is_reporter_victim,
    {{ stable_id(["'client'", 'service_code', 'client_ref']) }} as client_id,
    happened_at as told_at
from {{ ref('stg_victim_support_events') }}
where
    coalesce(
        victim_name_token,
        victim_email_token,
        victim_phone_token,
        victim_date_of_birth_token,
        victim_postcode_token
    ) is not null
