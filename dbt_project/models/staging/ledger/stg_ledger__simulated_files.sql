with source as (
    select * from {{ source('ledger', 'simulated_files') }}
),

renamed as (
    select sha256 as content_sha256 from source
)

select * from renamed
