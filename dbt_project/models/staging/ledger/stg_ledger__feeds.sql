with source as (
    select * from {{ source('ledger', 'feeds') }}
),

renamed as (
    select
        feed,
        title as feed_title,
        owner as feed_owner,
        sender as feed_sender,
        contract_version,
        every_days as count_days_between_deliveries,
        grace_hours as count_hours_of_grace,
        first_known_at
    from source
)

select * from renamed
