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
-- The last decision counts, by when it was made; its class is what the policy of that day makes of it. The class holds
-- since the first of the latest decisions that all give it: who says the same again changes nothing.
with decisions as (
    select
        reports.incident_id,
        activities.activity_ref,
        activities.decision,
        activities.started_at,
        classes.counts_as as incident_class,
        classes.is_criminal,
        classes.is_investigated,
        first_value(classes.counts_as) over latest_first as last_class
    from {{ ref('stg_hub_activity') }} as activities
    inner join {{ ref('int_reports__references') }} as reports on activities.report_ref = reports.report_ref
    left join {{ ref('incident_classes') }} as classes
        on
            activities.decision = classes.incident_class
            and {{ london_date('activities.started_at') }}
            between classes.valid_from and coalesce(classes.valid_to, 'infinity')
    where
        activities.activity = 'triage'
        {% if is_incremental() %}
            and reports.incident_id in (
                select affected.incident_id from {{ ref('int_affected_incidents') }} as affected
            )
        {% endif %}
    window
        latest_first as (
            partition by reports.incident_id order by activities.started_at desc, activities.activity_ref desc
        )
),

counted as (
    select
        *,
        count(*) filter (where incident_class is distinct from last_class) over (
            partition by incident_id order by started_at desc, activity_ref desc
        ) as count_others
    from decisions
)

select distinct on (incident_id)
    incident_id,
    activity_ref,
    decision,
    incident_class,
    is_criminal,
    is_investigated,
    min(started_at) over (partition by incident_id) as classified_at
from counted
where count_others = 0
order by incident_id asc, started_at desc, activity_ref desc
