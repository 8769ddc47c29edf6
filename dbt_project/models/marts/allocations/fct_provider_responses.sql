{{ config(indexes=[{'columns': ['response_id'], 'unique': true}, {'columns': ['report_ref']}]) }}

{{ matched_answers('stg_provider_responses', [
    'report_ref', 'provider_code', 'referral_route', 'kind as response_kind', 'statement_uuid',
    'suspect_country_code', 'suspect_force_code',
]) }}
