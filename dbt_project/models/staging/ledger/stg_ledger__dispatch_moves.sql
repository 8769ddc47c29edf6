with source as (
    select * from {{ source('ledger', 'dispatch_moves') }}
),

renamed as (
    select
        dispatch_id,
        move_number,
        to_state as state,
        at as moved_at
    from source
)

select * from renamed
