{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__answered', 'tells_changed': ['incident_id']},
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
from {{ of_touched('int_reports__references', worklist='int_touched__answered') }} as reports
cross join
    lateral (
        select told.*
        from {{ ref('stg_provider_responses') }} as told
        where told.report_ref = reports.report_ref
        {{ row_by_row() }}
    ) as responses
