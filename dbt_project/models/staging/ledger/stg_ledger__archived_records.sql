with source as (
    select * from {{ source('ledger', 'archived_records') }}
)

select
    record_key,
    record_hash,
    row_number,
    sum_id,
    is_other_version
from source
