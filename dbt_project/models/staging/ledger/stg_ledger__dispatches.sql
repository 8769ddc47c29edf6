with source as (
    select * from {{ source('ledger', 'dispatches') }}
),

renamed as (
    select
        dispatch_id,
        allocation_id,
        incident_id,
        supersedes,
        recipient,
        target_kind,
        target_code,
        route,
        is_urgent,
        needs_approval,
        publish_id as prepared_from_publish,
        prepared_at
    from source
)

select * from renamed
