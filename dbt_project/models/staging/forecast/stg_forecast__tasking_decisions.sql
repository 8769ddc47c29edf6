with source as (
    select * from {{ source('forecast', 'tasking_decisions') }}
)

select
    decision_id,
    run_id,
    slot,
    kind,
    because,
    decided_by,
    decided_at
from source
