{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['service_code', 'event_ref'],
        indexes=[
            {'columns': ['service_code', 'event_ref'], 'unique': true},
            {'columns': ['event_id'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['crime_reference']},
            {'columns': ['client_ref']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('victim_support_events', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('victim_support_events', ['service_code', 'event_ref']) }} as event_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        event_ref,
        client_ref,
        report_ref,
        crime_reference,
        service_code,
        kind,
        closing_reason,
        victim_name_token,
        victim_email_token,
        victim_phone_token,
        victim_date_of_birth_token,
        victim_postcode_token,
        cast(happened_at as timestamptz) as happened_at,
        cast(recorded_at as timestamptz) as recorded_at
    from source
)

-- A later row of the same service with the same reference corrects the earlier one.
{{ newest_delivered('renamed', key=['service_code', 'event_ref']) }}
