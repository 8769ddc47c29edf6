-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed.
with source as (
    {{ every_version('volunteer_reports') }}
)

-- A volunteer who finds a post asks nobody whether the victim wants support.
select
    {{
        journey_columns(
            feed='volunteer_reports',
            key=['report_ref'],
            event_ref='report_ref',
            event_kind="'reported'",
            event_detail=none,
            happened_at='cast(reported_at as timestamptz)',
            is_report=true,
        )
    }}
from source
