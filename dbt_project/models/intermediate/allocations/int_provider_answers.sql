{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['answer_id'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
select
    responses.response_id as answer_id,
    responses.delivery_id,
    responses.row_number,
    reports.incident_id,
    responses.provider_code,
    responses.referral_route,
    responses.kind as answer_kind,
    responses.happened_at
from {{ ref('stg_provider_responses') }} as responses
inner join {{ ref('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
{% if is_incremental() %}
    where reports.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
{% endif %}
