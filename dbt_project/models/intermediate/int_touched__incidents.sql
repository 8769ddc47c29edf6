-- The same, incident by incident: those of touched reports, those that linkage ended, and those that new or corrected
-- answers speak of. A report that linkage has not seen is an incident of its own.
{{ config(post_hook='{{ keep_statistics(this) }}') }}

with answered as (
    select report_ref from {{ ref('int_touched__references') }}
),

of_reports as (
    select report_id from {{ ref('int_touched__reports') }}
    union
    select reports.report_id
    from {{ ref('int_reports__unioned') }} as reports
    where reports.report_ref in (select answered.report_ref from answered)
),

current_ones as (
    select
        coalesce(
            links.incident_id, {{ stable_id(["'incident'", "cast(of_reports.report_id as text)"]) }}
        ) as incident_id
    from of_reports
    left join {{ ref('stg_linkage__report_incidents') }} as links on of_reports.report_id = links.report_id
),

changed as (
    select
        changes.old_incident_id,
        changes.new_incident_id
    from {{ ref('stg_linkage__incident_changes') }} as changes
    where {{ since_last_build('changes.changed_at') }}
)

select incident_id from current_ones
union
select old_incident_id as incident_id from changed
union
select new_incident_id as incident_id from changed
union
select told.incident_id
from {{ ref('int_touched__told_incidents') }} as told
