-- A view: it says again, report by report, where what an incident rests on came from.
{{ config(materialized='view') }}

select
    reports.reported_at,
    reports.incident_id,
    reports.report_id,
    reports.feed,
    reports.delivery_id,
    reports.row_number,
    refs.report_ref,
    deliveries.content_sha256 as delivery_sha256,
    deliveries.content_sha256 in (
        select simulated.content_sha256 from {{ ref('stg_ledger__simulated_files') }} as simulated
    ) as is_simulated
from {{ ref('fct_reports') }} as reports
inner join {{ ref('stg_ledger__deliveries') }} as deliveries on reports.delivery_id = deliveries.delivery_id
left join {{ ref('int_reports__references') }} as refs on reports.report_id = refs.report_id
