{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[{'columns': ['answer_id'], 'unique': true}, {'columns': ['incident_id']}],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

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
inner join {{ of_touched('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
