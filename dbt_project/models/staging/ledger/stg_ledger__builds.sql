with source as (
    select * from {{ source('ledger', 'builds') }}
)

select
    build_id,
    status,
    selection,
    started_at,
    linked_at,
    finished_at
from source
