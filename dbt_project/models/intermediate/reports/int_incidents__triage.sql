{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- The last decision counts, by when it was made; its class is what the policy of that day makes of it.
with decisions as (
    select distinct on (reports.incident_id)
        reports.incident_id,
        activities.activity_ref,
        activities.decision,
        activities.started_at
    from {{ ref('stg_hub_activity') }} as activities
    inner join {{ ref('int_reports__references') }} as reports on activities.report_ref = reports.report_ref
    where
        activities.activity = 'triage'
        {% if is_incremental() %}
            and reports.incident_id in (
                select affected.incident_id from {{ ref('int_affected_incidents') }} as affected
            )
        {% endif %}
    order by reports.incident_id asc, activities.started_at desc, activities.activity_ref desc
)

select
    decisions.incident_id,
    decisions.activity_ref,
    decisions.decision,
    classes.counts_as as incident_class,
    classes.is_criminal,
    classes.is_investigated,
    decisions.started_at as classified_at
from decisions
left join {{ ref('incident_classes') }} as classes
    on
        decisions.decision = classes.incident_class
        and {{ london_date('decisions.started_at') }}
        between classes.valid_from and coalesce(classes.valid_to, 'infinity')
