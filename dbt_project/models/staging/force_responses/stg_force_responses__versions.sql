-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed.
with source as (
    {{ every_version('force_responses') }}
)

-- Outcome type 0 means that none is assigned yet: it tells nothing.
select
    {{
        journey_columns(
            feed='force_responses',
            key=['force_code', 'response_ref'],
            event_ref='response_ref',
            report_ref='incident_ref',
            event_kind="case when kind = 'outcome' and outcome_code <> '0' then 'police_outcome' end",
            event_detail='outcome_code',
            happened_at='cast(happened_at as timestamptz)',
        )
    }}
from source
