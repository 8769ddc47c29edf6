with source as (
    select records.*
    from {{ source('raw', 'victim_support_events') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'victim_support_events'", "event_ref"]) }} as event_id,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        event_ref,
        client_ref,
        report_ref,
        crime_reference,
        service_code,
        kind,
        closing_reason,
        victim_name_token,
        victim_email_token,
        victim_phone_token,
        victim_date_of_birth_token,
        victim_postcode_token,
        cast(happened_at as timestamptz) as happened_at,
        cast(recorded_at as timestamptz) as recorded_at
    from source
),

-- What was written down later corrects what was written before. Never by load time: deliveries come in any order.
latest as (
    select distinct on (event_ref) *
    from renamed
    order by event_ref asc, recorded_at desc, happened_at desc, record_hash desc
)

select * from latest
