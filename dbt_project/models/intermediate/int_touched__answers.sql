{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- References whose answers may now belong to another allocation.
select report_ref from {{ ref('int_touched__references') }}
union
select located.report_ref
from {{ ref('int_reports__located') }} as located
where located.incident_id in (select worklist.incident_id from {{ ref('int_touched__allocations') }} as worklist)
{{ carried_over('report_ref') }}
