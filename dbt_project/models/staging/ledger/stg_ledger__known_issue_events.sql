with source as (
    select * from {{ source('ledger', 'known_issue_events') }}
),

renamed as (
    select
        event_id,
        coalesce(issue_id, event_id) as issue_id,
        drift_id,
        kind,
        feed,
        column_name,
        sender,
        effect,
        said_by,
        from_on,
        to_on,
        said_at
    from source
)

select * from renamed
