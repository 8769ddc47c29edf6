with source as (
    select
        records.*,
        deliveries.received_at
    from {{ source('raw', 'victim_support_events') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
)

select
    {{ stable_id(["'victim_support_events'", "event_ref"]) }} as event_id,
    cast(null as uuid) as report_id,
    _delivery_id as delivery_id,
    _row_number as row_number,
    _record_hash as record_hash,
    'victim_support_events' as feed,
    event_ref,
    report_ref,
    crime_reference,
    service_code,
    client_ref,
    case kind when 'offered' then 'support_offered' else kind end as event_kind,
    closing_reason as event_detail,
    cast(happened_at as timestamptz) as happened_at,
    cast(recorded_at as timestamptz) as recorded_at,
    array[cast(recorded_at as timestamptz), cast(happened_at as timestamptz)] as version_order,
    received_at as known_at,
    _loaded_at as loaded_at
from source
