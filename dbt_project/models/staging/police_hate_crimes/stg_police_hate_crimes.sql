{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['force_code', 'crime_reference'],
        indexes=[
            {'columns': ['force_code', 'crime_reference'], 'unique': true},
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['hub_reference']},
            {'columns': ['crime_reference']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('police_hate_crimes', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('police_hate_crimes', ['force_code', 'crime_reference']) }} as report_id,
        'police_hate_crimes' as feed,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        -- What every feed of reports has, cast from the raw column of its name; overrides: other SQL, none for null.
        -- Postcode districts and codes of small areas are put in capitals, without blanks.
        {{
            report_columns(overrides={
                'report_ref': 'crime_reference',
                'body_code': "'police'",
                'reported_at': 'cast(recorded_at as timestamptz)',
                'strands': text_array_from_bars('strands'),
                'is_anonymous': none,
                'reporter_is_victim': none,
                'is_threat_to_life': none,
                'description_token': none,
                'reporter_name_token': none,
                'reporter_email_token': none,
                'reporter_phone_token': none,
                'victim_email_token': none,
                'victim_phone_token': none,
                'offence_postcode_district': none,
                'borough_named': none,
                'force_named': 'force_code',
                'consent_share_police': 'true',
                'consent_share_anonymised': 'true',
                'consent_refer_support': 'true',
                'consent_contact': 'true',
            })
        }},
        force_code,
        offence_code,
        hub_reference,
        outcome_code,
        cast(occurred_to_on as date) as occurred_to_on,
        cast(outcome_on as date) as outcome_on,
        cast(recorded_at as timestamptz) as recorded_at,
        cast(changed_at as timestamptz) as changed_at
    from source
)

-- Months are issued again, with new outcomes or with one taken back (docs/decisions/0020).
{{ newest_delivered('renamed', key=['force_code', 'crime_reference']) }}
