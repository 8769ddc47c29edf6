{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['report_ref'],
        indexes=[
            {'columns': ['report_ref'], 'unique': true},
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['crime_reference']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('true_vision_reports', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('true_vision_reports', ['report_ref']) }} as report_id,
        'true_vision_reports' as feed,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        -- What every feed of reports has, cast from the raw column of its name; overrides: other SQL, none for null.
        -- Postcode districts and codes of small areas are put in capitals, without blanks.
        {{
            report_columns(overrides={
                'body_code': "'true_vision'",
                'strands': text_array_from_bars('strands'),
                'victim_email_token': none,
                'victim_phone_token': none,
            })
        }}
    from source
)

-- A later report with the same reference corrects the earlier one.
{{ newest_delivered('renamed', key=['report_ref']) }}
