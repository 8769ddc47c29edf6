{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['body_code', 'report_ref'],
        indexes=[
            {'columns': ['body_code', 'report_ref'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['crime_reference']},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('community_reports', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('community_reports', ['body_code', 'case_ref']) }} as report_id,
        'community_reports' as feed,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        -- The bodies do not pass on whether the reporter gave a name, nor whether the reporter is the victim.
        -- What every feed of reports has, cast from the raw column of its name; overrides: other SQL, none for null.
        -- Postcode districts and codes of small areas are put in capitals, without blanks.
        {{
            report_columns(overrides={
                'report_ref': 'case_ref',
                'strands': text_array_from_json('strands'),
                'is_anonymous': none,
                'reporter_is_victim': none,
            })
        }}
    from source
)

-- A later record of the same case corrects the earlier one.
{{ newest_delivered('renamed', key=['body_code', 'report_ref']) }}
