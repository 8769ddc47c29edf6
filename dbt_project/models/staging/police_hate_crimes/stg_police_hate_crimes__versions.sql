-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed,
-- for each of two events: that the crime was recorded, and its outcome.
with source as (
    {{ every_version('police_hate_crimes') }}
),

-- A day counts from its beginning in London. Not materialised: it is asked for twice, and what only some days ask for
-- is looked up in raw.
timed as not materialized (
    select
        {{ record_id('police_hate_crimes', ['force_code', 'crime_reference']) }} as report_id,
        {{ record_id('police_outcome', ['force_code', 'crime_reference']) }} as outcome_event_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        crime_reference as event_ref,
        outcome_code,
        cast(recorded_at as timestamptz) as recorded_at,
        cast(cast(outcome_on as date) as timestamp) at time zone 'Europe/London' as outcome_at,
        cast(changed_at as timestamptz) as changed_at,
        received_at as known_at,
        loaded_at,
        version_order
    from source
),

-- A record says that the crime was recorded, and also its outcome. Outcome type 0 means that none is
-- assigned yet: it tells nothing, and takes back what was told before.
told as (
    select
        timed.*,
        timed.report_id as event_id,
        'reported' as event_kind,
        'refer_support' as event_detail,
        timed.recorded_at as happened_at
    from timed
    union all
    select
        timed.*,
        timed.outcome_event_id as event_id,
        case when timed.outcome_code <> '0' then 'police_outcome' end as event_kind,
        timed.outcome_code as event_detail,
        coalesce(timed.outcome_at, timed.changed_at, timed.recorded_at) as happened_at
    from timed
)

select
    event_id,
    report_id,
    delivery_id,
    row_number,
    record_hash,
    'police_hate_crimes' as feed,
    event_ref,
    cast(null as text) as report_ref,
    cast(null as text) as crime_reference,
    cast(null as text) as service_code,
    cast(null as text) as client_ref,
    event_kind,
    event_detail,
    happened_at,
    recorded_at,
    version_order,
    known_at,
    loaded_at
from told
