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
    {{ accepted_rows('volunteer_reports', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('volunteer_reports', ['report_ref']) }} as report_id,
        'volunteer_reports' as feed,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        -- What every feed of reports has, cast from the raw column of its name; overrides: other SQL, none for null.
        -- Postcode districts and codes of small areas are put in capitals, without blanks.
        {{
            report_columns(overrides={
                'body_code': "'volunteers'",
                'strands': text_array_from_bars('strands'),
                'is_online': "'yes'",
                'is_anonymous': none,
                'reporter_is_victim': 'false',
                'reporter_name_token': none,
                'reporter_email_token': none,
                'reporter_phone_token': none,
                'victim_name_token': none,
                'victim_email_token': none,
                'victim_phone_token': none,
                'victim_date_of_birth_token': none,
                'victim_postcode_token': none,
                'offence_postcode_district': none,
                'offence_lsoa_code': none,
                'crime_reference': none,
                'consent_share_police': 'true',
                'consent_share_anonymised': 'true',
                'consent_refer_support': 'false',
                'consent_contact': 'false',
            })
        }},
        volunteer_code,
        action,
        is_criminal_in_view,
        cast(reported_to_platform_at as timestamptz) as reported_to_platform_at
    from source
)

-- A later report with the same reference corrects the earlier one.
{{ newest_delivered('renamed', key=['report_ref']) }}
