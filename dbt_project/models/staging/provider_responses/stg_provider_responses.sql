with source as (
    select records.*
    from {{ source('raw', 'provider_responses') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'provider_responses'", "response_ref"]) }} as response_id,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        response_ref,
        provider_code,
        report_ref,
        referral_route,
        kind,
        cast(statement_uuid as uuid) as statement_uuid,
        suspect_country_code,
        suspect_force_code,
        account_handle_token,
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
