with source as (
    select records.*
    from {{ source('raw', 'force_responses') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'force_responses'", "response_ref"]) }} as response_id,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        response_ref,
        allocation_ref,
        incident_ref as report_ref,
        force_code,
        transferred_to_force_code,
        kind as response_kind,
        outcome_code,
        reason,
        officer_name_token,
        cast(happened_at as timestamptz) as happened_at
    from source
),

-- A later answer with the same reference corrects the earlier one. Never by load time: deliveries come in any order.
latest as (
    select distinct on (response_ref) *
    from renamed
    order by response_ref asc, happened_at desc, record_hash desc
)

select * from latest
