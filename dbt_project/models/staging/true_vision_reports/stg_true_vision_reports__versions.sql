-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed.
with source as (
    {{ every_version('true_vision_reports') }}
)

select
    {{
        journey_columns(
            feed='true_vision_reports',
            key=['report_ref'],
            event_ref='report_ref',
            crime_reference='crime_reference',
            event_kind="'reported'",
            event_detail="case when cast(consent_refer_support as boolean) then 'refer_support' end",
            happened_at='cast(reported_at as timestamptz)',
            is_report=true,
        )
    }}
from source
