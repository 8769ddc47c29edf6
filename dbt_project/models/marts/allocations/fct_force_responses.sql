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

-- An answer names the report that opened the incident. One that names a report the hub does not have keeps its
-- reference and has no report_id, and one from a force that was never asked has no allocation: they are counted, and
-- looked for, rather than dropped. A reference that two incidents happen to share names neither.
select
    responses.response_id,
    responses.delivery_id,
    responses.row_number,
    reports.report_id,
    reports.incident_id,
    answers.allocation_id,
    responses.response_ref,
    responses.allocation_ref,
    responses.report_ref,
    responses.force_code,
    responses.transferred_to_force_code,
    responses.response_kind,
    responses.outcome_code,
    responses.reason,
    responses.officer_name_token,
    case
        when reports.report_id is null then 'no_such_report'
        when answers.allocation_id is null then 'not_allocated_to_it'
        else 'matched'
    end as match_state,
    responses.happened_at
from {{ ref('stg_force_responses') }} as responses
left join {{ ref('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
left join {{ ref('int_allocation_answers') }} as answers on responses.response_id = answers.answer_id
where {{ touched('report_ref', 'responses.report_ref', 'int_touched__answers') }}
