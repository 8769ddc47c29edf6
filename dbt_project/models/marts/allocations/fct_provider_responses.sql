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
            {'columns': ['incident_id']},
        ],
    )
}}

-- As with forces: an answer that fits nothing is kept, and says why it fits nothing.
select
    responses.response_id,
    responses.delivery_id,
    responses.row_number,
    reports.report_id,
    reports.incident_id,
    answers.allocation_id,
    responses.response_ref,
    responses.report_ref,
    responses.provider_code,
    responses.referral_route,
    responses.kind as response_kind,
    responses.statement_uuid,
    responses.suspect_country_code,
    responses.suspect_force_code,
    case
        when reports.report_id is null then 'no_such_report'
        when answers.allocation_id is null then 'not_allocated_to_it'
        else 'matched'
    end as match_state,
    responses.happened_at
from {{ ref('stg_provider_responses') }} as responses
left join {{ ref('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
left join {{ ref('int_allocation_answers') }} as answers on responses.response_id = answers.answer_id
where {{ touched('report_ref', 'responses.report_ref', 'int_touched__answers') }}
