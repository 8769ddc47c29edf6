with source as (
    select * from {{ source('ledger', 'archive_sums') }}
)

select
    sum_id,
    delivery_id,
    summed_by,
    count_rows
from source
