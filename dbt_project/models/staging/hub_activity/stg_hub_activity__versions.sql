with source as (
    select
        records.*,
        deliveries.received_at
    from {{ source('raw', 'hub_activity') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
)

select
    {{ stable_id(["'hub_activity'", "activity_ref"]) }} as event_id,
    cast(null as uuid) as report_id,
    _delivery_id as delivery_id,
    _row_number as row_number,
    _record_hash as record_hash,
    'hub_activity' as feed,
    activity_ref as event_ref,
    report_ref,
    cast(null as text) as crime_reference,
    cast(null as text) as service_code,
    cast(null as text) as client_ref,
    case activity
        when 'victim_acknowledgement' then 'acknowledged'
        when 'needs_assessment' then 'needs_assessed'
        when 'victim_update' then 'told'
        when 'complaint' then 'complaint'
        when 'triage' then 'worked_on'
        when 'suspect_enquiries' then 'worked_on'
        when 'evidence_package' then 'worked_on'
        when 'platform_notice' then 'worked_on'
    end as event_kind,
    coalesce(detail_code, activity) as event_detail,
    cast(started_at as timestamptz) as happened_at,
    cast(null as timestamptz) as recorded_at,
    array[cast(coalesce(changed_at, '-infinity') as timestamptz), cast(started_at as timestamptz)] as version_order,
    received_at as known_at,
    _loaded_at as loaded_at
from source
