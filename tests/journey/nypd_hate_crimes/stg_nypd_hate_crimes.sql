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
    {{ accepted_rows('nypd_hate_crimes', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ stable_id(["'nypd_hate_crimes'", "complaint_id"]) }} as report_id,
        'nypd_hate_crimes' as feed,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        -- What every feed of reports has, cast from the raw column of its name; overrides: other SQL, none for null.
        {{
            report_columns(overrides={
                'report_ref': 'complaint_id',
                'body_code': "'nypd'",
                'reported_at': "cast(recorded_on as timestamp) at time zone 'America/New_York'",
                'occurred_on': none,
                'strands': "array[case"
                    ~ " when motive in ('ANTI-BLACK', 'ANTI-ASIAN') then 'race'"
                    ~ " when motive in ('ANTI-JEWISH', 'ANTI-MUSLIM') then 'religion'"
                    ~ " when motive = 'ANTI-TRANSGENDER' then 'transgender' else 'sexual_orientation' end]",
                'is_online': "'no'",
                'platform': none,
                'content_url': none,
                'is_anonymous': none,
                'reporter_is_victim': none,
                'is_threat_to_life': none,
                'description_token': none,
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
                'consent_share_police': 'false',
                'consent_share_anonymised': 'false',
                'consent_refer_support': 'false',
                'consent_contact': 'false',
            })
        }}
    from source
)

-- A complaint has a row for each arrest; they agree on all that a report says.
{{ newest_delivered('renamed', key=['report_ref']) }}
