{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['provider_code', 'response_ref'],
        indexes=[
            {'columns': ['provider_code', 'response_ref'], 'unique': true},
            {'columns': ['response_id'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('provider_responses', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('provider_responses', ['provider_code', 'response_ref']) }} as response_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        response_ref,
        provider_code,
        report_ref,
        referral_route,
        kind,
        -- What is no UUID can have been released by a person as it was; it leads to no statement.
        cast(
            substring(statement_uuid from '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$') as uuid
        ) as statement_uuid,
        suspect_country_code,
        suspect_force_code,
        account_handle_token,
        cast(happened_at as timestamptz) as happened_at
    from source
)

-- A later answer of the same provider with the same reference corrects the earlier one.
{{ newest_delivered('renamed', key=['provider_code', 'response_ref']) }}
