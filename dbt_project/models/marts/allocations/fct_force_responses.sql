{{ config(indexes=[{'columns': ['response_id'], 'unique': true}, {'columns': ['report_ref']}]) }}

with every_reference as (
    select distinct report_ref from {{ ref('int_reports__unioned') }}
)

-- An answer that names a report the hub does not have, or a reference that two incidents happen to share, or that comes
-- from somebody who was never asked, is kept and says so: these are counted, and looked for, rather than dropped.
select
    responses.response_id,
    responses.delivery_id,
    responses.row_number,
    reports.report_id,
    reports.incident_id,
    allocated.allocation_id,
    responses.response_ref,
    responses.allocation_ref,
    responses.report_ref,
    responses.force_code,
    responses.transferred_to_force_code,
    responses.response_kind,
    responses.outcome_code,
    responses.reason,
    responses.officer_name_token,
    case
        when reports.report_id is null and known.report_ref is not null then 'reference_is_shared'
        when reports.report_id is null then 'no_such_report'
        when allocated.allocation_id is null then 'not_allocated_to_it'
        else 'matched'
    end as match_state,
    responses.happened_at
from {{ ref('stg_force_responses') }} as responses
left join {{ ref('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
left join every_reference as known on responses.report_ref = known.report_ref
left join {{ ref('int_allocation_answers') }} as allocated on responses.response_id = allocated.answer_id
