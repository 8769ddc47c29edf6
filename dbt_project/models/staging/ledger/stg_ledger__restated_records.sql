with source as (
    select * from {{ source('ledger', 'restated_records') }}
)

select
    delivery_id,
    row_number,
    record_hash
from source
