with source as (
    select * from {{ source('linkage', 'report_incidents') }}
)

select
    report_id,
    incident_id,
    changed_at
from source
