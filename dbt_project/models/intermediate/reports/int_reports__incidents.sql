{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['report_ref']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- A report that linkage has not seen is an incident of its own.
with reports as (
    select
        unioned.report_id,
        coalesce(
            links.incident_id, {{ incident_id('unioned.report_id') }}
        ) as incident_id,
        unioned.report_ref,
        coalesce(unioned.is_online, 'unknown') as is_online,
        unioned.reported_at
    from {{ ref('int_reports__unioned') }} as unioned
    left join {{ ref('stg_linkage__report_incidents') }} as links on unioned.report_id = links.report_id
)

select
    report_id,
    incident_id,
    report_ref,
    is_online,
    reported_at
from reports
{% if is_incremental() %}
    where incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
{% endif %}
