{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['activity_ref'],
        indexes=[
            {'columns': ['activity_ref'], 'unique': true},
            {'columns': ['activity_id'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('hub_activity', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('hub_activity', ['activity_ref']) }} as activity_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        activity_ref,
        report_ref,
        role,
        activity,
        decision,
        detail_code,
        officer_code_token,
        cast(hours as numeric) as hours,
        cast(started_at as timestamptz) as started_at,
        cast(changed_at as timestamptz) as changed_at
    from source
)

{{ newest_delivered('renamed', key=['activity_ref']) }}
