{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='report_ref',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__answers'},
        indexes=[
            {'columns': ['response_id'], 'unique': true},
            {'columns': ['report_ref']},
        ],
    )
}}

{{ matched_answers('stg_provider_responses', [
    'report_ref', 'provider_code', 'referral_route', 'kind as response_kind', 'statement_uuid',
    'suspect_country_code', 'suspect_force_code',
]) }}
