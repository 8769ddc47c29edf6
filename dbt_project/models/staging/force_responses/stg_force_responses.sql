{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['force_code', 'response_ref'],
        indexes=[
            {'columns': ['force_code', 'response_ref'], 'unique': true},
            {'columns': ['response_id'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('force_responses', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('force_responses', ['force_code', 'response_ref']) }} as response_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        response_ref,
        allocation_ref,
        incident_ref as report_ref,
        force_code,
        transferred_to_force_code,
        kind as response_kind,
        outcome_code,
        reason,
        officer_name_token,
        cast(happened_at as timestamptz) as happened_at
    from source
)

-- A later answer of the same force with the same reference corrects the earlier one.
{{ newest_delivered('renamed', key=['force_code', 'response_ref']) }}
