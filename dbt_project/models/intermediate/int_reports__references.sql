{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[
            {'columns': ['report_ref'], 'unique': true},
            {'columns': ['incident_id']},
        ],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- Who answers names a reference. One that reports of two incidents share names neither: int_touched__incidents has both
-- of them done again when the second comes. Reports of one incident can share one; the answer is about either.
-- Materialised: of reports that are compared with their own table the planner expects none, and would then look through
-- the whole worklist for each.
with reports as materialized (
    select
        located.report_ref,
        located.report_id,
        located.incident_id
    from {{ of_touched('int_reports__located') }} as located
)

select
    reports.report_ref,
    reports.report_id,
    reports.incident_id
from reports
where
    not exists (
        select 1
        from {{ ref('int_reports__located') }} as namesakes
        where
            reports.report_ref = namesakes.report_ref
            and reports.report_id <> namesakes.report_id
            and (reports.incident_id <> namesakes.incident_id or reports.report_id > namesakes.report_id)
        {{ row_by_row() }}
    )
