{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['response_id'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- Of the subject of an incident that is no crime nothing is held unless the threshold of the day is passed; the table's
-- own constraint sees to that, too. Until somebody decides otherwise an incident is taken for a crime.
with risks as (
    select
        linked.incident_id,
        bool_or(unioned.is_threat_to_life) as is_risk
    from {{ ref('int_reports__incidents') }} as linked
    inner join {{ ref('int_reports__unioned') }} as unioned on linked.report_id = unioned.report_id
    {% if is_incremental() %}
        where linked.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
    group by linked.incident_id
),

told as (
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
    from {{ ref('stg_provider_responses') }} as responses
    inner join {{ ref('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
    left join {{ ref('int_incidents__triage') }} as triage
        on reports.incident_id = triage.incident_id
    left join risks on reports.incident_id = risks.incident_id
    left join {{ ref('non_crime_thresholds') }} as thresholds
        on
            {{ london_date('responses.happened_at') }}
            between thresholds.valid_from and coalesce(thresholds.valid_to, 'infinity')
            and (coalesce(risks.is_risk, false) or not thresholds.is_risk_needed)
    where
        responses.kind = 'information_provided'
        and responses.suspect_country_code is not null
        {% if is_incremental() %}
            and reports.incident_id in (
                select affected.incident_id from {{ ref('int_affected_incidents') }} as affected
            )
        {% endif %}
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
