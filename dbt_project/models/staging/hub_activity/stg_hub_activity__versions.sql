-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed.
with source as (
    {{ every_version('hub_activity') }}
)

select
    {{
        journey_columns(
            feed='hub_activity',
            key=['activity_ref'],
            event_ref='activity_ref',
            report_ref='report_ref',
            event_kind="
                case activity
                    when 'victim_acknowledgement' then 'acknowledged'
                    when 'needs_assessment' then 'needs_assessed'
                    when 'victim_update' then 'told'
                    when 'complaint' then 'complaint'
                    when 'triage' then 'worked_on'
                    when 'suspect_enquiries' then 'worked_on'
                    when 'evidence_package' then 'worked_on'
                    when 'platform_notice' then 'worked_on'
                end",
            event_detail='coalesce(detail_code, activity)',
            happened_at='cast(started_at as timestamptz)',
        )
    }}
from source
