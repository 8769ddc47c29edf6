with source as (
    select
        records.*,
        deliveries.received_at
    from {{ source('raw', 'community_reports') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
)

select
    {{ stable_id(["'community_reports'", "body_code", "case_ref"]) }} as event_id,
    {{ stable_id(["'community_reports'", "body_code", "case_ref"]) }} as report_id,
    _delivery_id as delivery_id,
    _row_number as row_number,
    _record_hash as record_hash,
    'community_reports' as feed,
    case_ref as event_ref,
    cast(null as text) as report_ref,
    cast(null as text) as crime_reference,
    cast(null as text) as service_code,
    cast(null as text) as client_ref,
    'reported' as event_kind,
    case when cast(consent_refer_support as boolean) then 'refer_support' end as event_detail,
    cast(reported_at as timestamptz) as happened_at,
    cast(null as timestamptz) as recorded_at,
    array[cast(reported_at as timestamptz)] as version_order,
    received_at as known_at,
    _loaded_at as loaded_at
from source
