{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- References that a touched report bears: whether they name one incident is settled again.
select distinct borne.report_ref
from {{ ref('int_touched__reports') }} as touched
cross join
    lateral (
        select reports.report_ref
        from {{ ref('int_reports__unioned') }} as reports
        where reports.report_id = touched.report_id
        {{ row_by_row() }}
    ) as borne
where {{ adds_to_what_stands() }}
