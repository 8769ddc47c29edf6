-- so that every report that staging holds is a row of fct_reports, and no report is there twice
with staged as (
    select report_id from {{ ref('stg_true_vision_reports') }}
    union all
    select report_id from {{ ref('stg_community_reports') }}
)

select
    staged.report_id as staged_report_id,
    reports.report_id
from staged
full outer join {{ ref('fct_reports') }} as reports on staged.report_id = reports.report_id
where staged.report_id is null or reports.report_id is null
