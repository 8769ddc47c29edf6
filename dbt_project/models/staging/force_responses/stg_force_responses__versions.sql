with source as (
    select
        records.*,
        deliveries.received_at
    from {{ source('raw', 'force_responses') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
)

-- Outcome type 0 means that none is assigned yet: it tells nothing.
select
    {{ stable_id(["'force_responses'", "response_ref"]) }} as event_id,
    cast(null as uuid) as report_id,
    _delivery_id as delivery_id,
    _row_number as row_number,
    _record_hash as record_hash,
    'force_responses' as feed,
    response_ref as event_ref,
    incident_ref as report_ref,
    cast(null as text) as crime_reference,
    cast(null as text) as service_code,
    cast(null as text) as client_ref,
    case when kind = 'outcome' and outcome_code <> '0' then 'police_outcome' end as event_kind,
    outcome_code as event_detail,
    cast(happened_at as timestamptz) as happened_at,
    cast(null as timestamptz) as recorded_at,
    array[cast(happened_at as timestamptz)] as version_order,
    received_at as known_at,
    _loaded_at as loaded_at
from source
