with source as (
    select * from {{ source('ledger', 'built_deliveries') }}
)

select
    delivery_id,
    rows_accepted as count_rows_accepted,
    build_id
from source
