{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[{'columns': ['incident_id']}],
        post_hook='analyze {{ this }}',
    )
}}

select
    responses.response_id,
    responses.delivery_id,
    responses.row_number,
    reports.incident_id,
    responses.provider_code,
    case when responses.suspect_country_code = 'GB' then responses.suspect_force_code else 'ABROAD' end as force_code,
    responses.suspect_country_code,
    responses.happened_at
from {{ ref('stg_provider_responses') }} as responses
inner join {{ ref('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
where
    responses.kind = 'information_provided'
    and responses.suspect_country_code is not null
    and {{ touched('incident_id', 'reports.incident_id') }}
