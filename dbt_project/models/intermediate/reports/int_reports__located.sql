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
        unioned.report_ref,
        unioned.reported_at,
        coalesce(unioned.is_online, 'unknown') as is_online,
        coalesce(
            links.incident_id, {{ incident_id('unioned.report_id') }}
        ) as incident_id
    from {{ ref('int_reports__unioned') }} as unioned
    left join {{ ref('stg_linkage__report_incidents') }} as links on unioned.report_id = links.report_id
),

places as (
    select
        report_id,
        bool_or(force_code <> 'ABROAD') as is_located,
        bool_or(force_code = 'ABROAD') as is_abroad
    from {{ ref('int_reports__places') }}
    where
        location_evidence <> 'reporters_borough'
        {% if is_incremental() %}
            and incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
        {% endif %}
    group by report_id
)

select
    reports.report_id,
    reports.incident_id,
    reports.report_ref,
    case
        when places.is_located then 'located'
        when places.is_abroad then 'abroad'
        when places.report_id is not null then 'not_in_hub_areas'
        else 'not_stated'
    end as location_status,
    reports.is_online,
    reports.reported_at
from reports
left join places on reports.report_id = places.report_id
{% if is_incremental() %}
    where reports.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
{% endif %}
