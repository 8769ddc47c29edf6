{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='report_ref',
        on_schema_change='fail',
        meta={'tells_changed': ['report_ref', 'incident_id']},
        indexes=[
            {'columns': ['report_ref'], 'unique': true},
            {'columns': ['incident_id']},
        ],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- Who answers names a reference. One that reports of two incidents share names neither. Reports of one incident can
-- share one; the answer is about the one with the smallest id.
select
    located.report_ref,
    (array_agg(located.report_id order by located.report_id))[1] as report_id,
    (array_agg(located.incident_id))[1] as incident_id
from {{ of_touched('int_reports__located', key='report_ref') }} as located
group by located.report_ref
having count(distinct located.incident_id) = 1
