-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed.
with source as (
    {{ every_version('victim_support_events') }}
)

select
    {{
        journey_columns(
            feed='victim_support_events',
            key=['service_code', 'event_ref'],
            event_ref='event_ref',
            report_ref='report_ref',
            crime_reference='crime_reference',
            service_code='service_code',
            client_ref='client_ref',
            event_kind="case kind when 'offered' then 'support_offered' else kind end",
            event_detail='closing_reason',
            happened_at='cast(happened_at as timestamptz)',
            recorded_at='cast(recorded_at as timestamptz)',
        )
    }}
from source
