with source as (
    select
        records.*,
        deliveries.received_at
    from {{ source('raw', 'victim_surveys') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
)

-- A day counts from its beginning in London.
select
    {{ stable_id(["'victim_surveys'", "answer_ref"]) }} as event_id,
    cast(null as uuid) as report_id,
    _delivery_id as delivery_id,
    _row_number as row_number,
    _record_hash as record_hash,
    'victim_surveys' as feed,
    answer_ref as event_ref,
    report_ref,
    cast(null as text) as crime_reference,
    'survey' as service_code,
    respondent_ref as client_ref,
    case
        when question_code = 'confidence_in_police' and answer ~ '^[1-5]$' then 'confidence_stated'
    end as event_kind,
    answer as event_detail,
    cast(cast(answered_on as date) as timestamp) at time zone 'Europe/London' as happened_at,
    cast(null as timestamptz) as recorded_at,
    array[
        cast(coalesce(changed_at, '-infinity') as timestamptz),
        cast(cast(answered_on as date) as timestamp) at time zone 'Europe/London'
    ] as version_order,
    received_at as known_at,
    _loaded_at as loaded_at
from source
