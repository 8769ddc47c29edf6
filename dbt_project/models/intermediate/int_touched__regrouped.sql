{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Incidents whose reports are other than they were: one is new or corrected, has come or gone, or names another person.
select located.incident_id
from {{ changes_of('int_reports__located') }} as located
union
select persons.incident_id
from {{ changes_of('int_reports__persons') }} as persons
union
select told.incident_id
from {{ ref('int_touched__reports') }} as touched
cross join
    lateral (
        select known.incident_id
        from {{ ref('int_reports__located') }} as known
        where known.report_id = touched.report_id
        {{ row_by_row() }}
    ) as told
where {{ adds_to_what_stands() }}
