{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__answered', 'tells_changed': ['incident_id']},
        indexes=[{'columns': ['incident_id']}],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- Of the subject of an incident that is no crime nothing is held unless the threshold of the day is passed; the table's
-- own constraint sees to that, too. Until somebody decides otherwise an incident is taken for a crime.
with told as (
    select
        responses.response_id,
        responses.delivery_id,
        responses.row_number,
        reports.incident_id,
        responses.provider_code,
        case
            when responses.suspect_country_code = 'GB' then responses.suspect_force_code else 'ABROAD'
        end as force_code,
        responses.suspect_country_code,
        coalesce(triage.is_criminal, true) as is_criminal,
        thresholds.threshold_code,
        responses.happened_at
    from {{ of_touched('int_reports__references', worklist='int_touched__answered') }} as reports
    cross join
        lateral (
            select answers.*
            from {{ ref('stg_provider_responses') }} as answers
            where
                answers.report_ref = reports.report_ref
                and answers.kind = 'information_provided'
                and answers.suspect_country_code is not null
            {{ row_by_row() }}
        ) as responses
    left join {{ of_touched('int_incidents__triage', worklist='int_touched__answered') }} as triage
        on reports.incident_id = triage.incident_id
    left join
        lateral (
            select bool_or(unioned.is_threat_to_life) as is_risk
            from {{ ref('int_reports__located') }} as located
            inner join {{ ref('int_reports__unioned') }} as unioned on located.report_id = unioned.report_id
            where located.incident_id = reports.incident_id
            {{ row_by_row() }}
        ) as risks
        on true
    left join {{ ref('non_crime_thresholds') }} as thresholds
        on
            {{ london_date('responses.happened_at') }}
            between thresholds.valid_from and coalesce(thresholds.valid_to, 'infinity')
            and (coalesce(risks.is_risk, false) or not thresholds.is_risk_needed)
)

select
    response_id,
    delivery_id,
    row_number,
    incident_id,
    provider_code,
    force_code,
    suspect_country_code,
    is_criminal,
    threshold_code,
    happened_at
from told
where is_criminal or threshold_code is not null
