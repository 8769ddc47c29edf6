with source as (
    select * from {{ source('ledger', 'built_deliveries') }}
)

select
    delivery_id,
    rows_accepted as count_rows_accepted,
    rows_duplicate as count_rows_duplicate,
    delivery_order,
    build_id
from source
