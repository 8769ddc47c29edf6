with source as (
    select records.*
    from {{ source('raw', 'hub_activity') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'hub_activity'", "activity_ref"]) }} as activity_id,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        activity_ref,
        report_ref,
        role,
        activity,
        decision,
        detail_code,
        officer_code_token,
        cast(hours as numeric) as hours,
        cast(started_at as timestamptz) as started_at,
        cast(changed_at as timestamptz) as changed_at
    from source
),

-- The latest change wins, else the later start. Never by load time: deliveries come in any order.
latest as (
    select distinct on (activity_ref) *
    from renamed
    order by activity_ref asc, changed_at desc nulls last, started_at desc, record_hash desc
)

select * from latest
