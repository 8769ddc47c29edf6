{{ config(indexes=[{'columns': ['report_ref'], 'unique': true}, {'columns': ['incident_id']}]) }}

-- A report that linkage has not seen is an incident of its own.
with reports as (
    select
        all_feeds.report_ref,
        all_feeds.report_id,
        coalesce(links.incident_id, {{ incident_id('all_feeds.report_id') }}) as incident_id
    from {{ ref('int_reports__all_feeds') }} as all_feeds
    left join {{ ref('stg_linkage__report_incidents') }} as links on all_feeds.report_id = links.report_id
)

-- Who answers names a reference. One that reports of two incidents share names neither. Reports of one incident can
-- share one; the answer is about the one with the smallest id.
select
    report_ref,
    (array_agg(report_id order by report_id))[1] as report_id,
    (array_agg(incident_id))[1] as incident_id
from reports
group by report_ref
having count(distinct incident_id) = 1
