{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__answered', 'tells_changed': ['incident_id']},
        indexes=[{'columns': ['incident_id'], 'unique': true}],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- The last decision counts, by when it was made; its class is what the policy of that day makes of it.
with decisions as (
    select distinct on (reports.incident_id)
        reports.incident_id,
        activities.activity_ref,
        activities.decision,
        activities.started_at
    from {{ of_touched('int_reports__references', worklist='int_touched__answered') }} as reports
    cross join
        lateral (
            select made.*
            from {{ ref('int_hub_decisions') }} as made
            where made.report_ref = reports.report_ref
            {{ row_by_row() }}
        ) as activities
    where activities.activity = 'triage'
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
