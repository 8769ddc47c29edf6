with strands as (
    select
        report_id,
        array_agg(strand_code order by strand_code) as strands
    from {{ ref('bridge_report_strands') }}
    group by report_id
)

-- One report is one incident until duplicates are combined; the columns already say what holds of several.
select
    reports.incident_id,
    reports.force_code,
    forces.force_name,
    reports.location_evidence,
    strands.strands,
    reports.is_online,
    reports.provider_code as platform,
    reports.is_threat_to_life,
    reports.is_consented_share_anonymised,
    reports.occurred_on,
    reports.reported_at as first_reported_at,
    1 as count_reports
from {{ ref('fct_reports') }} as reports
left join strands on reports.report_id = strands.report_id
left join {{ ref('dim_force') }} as forces on reports.force_code = forces.force_code
