{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['answer_ref'],
        indexes=[
            {'columns': ['answer_ref'], 'unique': true},
            {'columns': ['answer_id'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['respondent_ref']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('victim_surveys', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('victim_surveys', ['answer_ref']) }} as answer_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        answer_ref,
        respondent_ref,
        report_ref,
        wave,
        question_code,
        answer,
        cast(answered_on as date) as answered_on,
        cast(changed_at as timestamptz) as changed_at
    from source
)

{{ newest_delivered('renamed', key=['answer_ref']) }}
