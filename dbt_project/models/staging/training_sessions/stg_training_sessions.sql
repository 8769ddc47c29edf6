{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['session_ref'],
        indexes=[
            {'columns': ['session_ref'], 'unique': true},
            {'columns': ['session_id'], 'unique': true},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('training_sessions', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('training_sessions', ['session_ref']) }} as session_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        session_ref,
        audience,
        force_code,
        topic_code,
        organisation_name,
        cast(hours as numeric) as hours,
        cast(count_invited as integer) as count_invited,
        cast(count_attended as integer) as count_attended,
        cast(count_completed as integer) as count_completed,
        cast(held_on as date) as held_on,
        cast(changed_at as timestamptz) as changed_at
    from source
)

{{ newest_delivered('renamed', key=['session_ref']) }}
