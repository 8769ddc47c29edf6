{{ config(indexes=[{'columns': ['response_id'], 'unique': true}, {'columns': ['report_ref']}]) }}

{{ matched_answers('stg_force_responses', [
    'allocation_ref', 'report_ref', 'force_code', 'transferred_to_force_code', 'response_kind', 'outcome_code',
    'reason', 'officer_name_token',
]) }}
