with source as (
    select * from {{ source('ledger', 'drifts') }}
),

renamed as (
    select
        drift_id,
        feed,
        sender,
        column_name,
        detail,
        first_day,
        over_day
    from source
)

select * from renamed
