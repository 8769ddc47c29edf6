-- One row each time that a delivery, or the same file received again, states a record, whether or not it changed.
with source as (
    {{ every_version('victim_surveys') }}
)

{#- A day counts from its beginning in London. -#}
{%- set answered_at = "cast(cast(answered_on as date) as timestamp) at time zone 'Europe/London'" %}
select
    {{
        journey_columns(
            feed='victim_surveys',
            key=['answer_ref'],
            event_ref='answer_ref',
            report_ref='report_ref',
            service_code="'survey'",
            client_ref='respondent_ref',
            event_kind="
                case
                    when question_code = 'confidence_in_police' and answer ~ '^[1-5]$' then 'confidence_stated'
                end",
            event_detail='answer',
            happened_at=answered_at,
        )
    }}
from source
