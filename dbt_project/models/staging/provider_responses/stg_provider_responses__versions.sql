-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed.
with source as (
    {{ every_version('provider_responses') }}
)

-- A provider's answer is not a step of a victim's journey, so it has no event_kind. The row is here to link the
-- answer to the report that it names.
select
    {{
        journey_columns(
            feed='provider_responses',
            key=['provider_code', 'response_ref'],
            event_ref='response_ref',
            report_ref='report_ref',
            event_kind='cast(null as text)',
            event_detail=none,
            happened_at='cast(happened_at as timestamptz)',
        )
    }}
from source
