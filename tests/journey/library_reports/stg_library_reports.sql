{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['report_ref'],
        indexes=[
            {'columns': ['report_ref'], 'unique': true},
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('library_reports', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ stable_id(["'library_reports'", "slip"]) }} as report_id,
        'library_reports' as feed,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        -- What every feed of reports has, cast from the raw column of its name; overrides: other SQL, none for null.
        {{
            report_columns(overrides={
                'report_ref': 'slip',
                'body_code': "'libraries'",
                'reported_at': 'cast(handed_in_at as timestamptz)',
                'occurred_on': none,
                'strands': text_array_from_bars('strands'),
                'is_online': "'unknown'",
                'platform': none,
                'content_url': none,
                'is_anonymous': 'true',
                'reporter_is_victim': none,
                'is_threat_to_life': none,
                'description_token': 'words_token',
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
                'borough_named': none,
                'force_named': none,
                'crime_reference': none,
                'consent_share_police': "may_share = 'yes'",
                'consent_share_anonymised': "may_share = 'yes'",
                'consent_refer_support': 'false',
                'consent_contact': 'false',
            })
        }}
    from source
)

{{ newest_delivered('renamed', key=['report_ref']) }}
