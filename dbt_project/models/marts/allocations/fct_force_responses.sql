-- An answer names the report that opened the incident. One that names a report the hub does not have keeps its
-- reference and has no report_id: it is counted, and looked for, rather than dropped. A reference that two bodies
-- happen to share names neither report.
with referenced as (
    select
        report_ref,
        (array_agg(report_id))[1] as report_id,
        (array_agg(incident_id))[1] as incident_id
    from {{ ref('fct_reports') }}
    group by report_ref
    having count(*) = 1
)

select
    responses.response_id,
    responses.delivery_id,
    responses.row_number,
    referenced.report_id,
    referenced.incident_id,
    responses.response_ref,
    responses.allocation_ref,
    responses.report_ref,
    responses.force_code,
    responses.transferred_to_force_code,
    responses.response_kind,
    responses.outcome_code,
    responses.reason,
    responses.officer_name_token,
    responses.happened_at
from {{ ref('stg_force_responses') }} as responses
left join referenced on responses.report_ref = referenced.report_ref
