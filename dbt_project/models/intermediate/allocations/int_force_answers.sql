{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['answer_id'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- Answers of forces from two sources: responses to the hub, and police records. A record counts as an acceptance when
-- it is recorded, and as an outcome when it has one. An outcome has only a date: it counts from midnight in London, but
-- not before the recording.
with responses as (
    select
        responses.response_id as answer_id,
        responses.delivery_id,
        responses.row_number,
        refs.incident_id,
        'force_response' as answer_source,
        responses.force_code,
        responses.response_kind as answer_kind,
        responses.transferred_to_force_code,
        responses.outcome_code,
        responses.reason,
        responses.happened_at
    from {{ ref('stg_force_responses') }} as responses
    inner join {{ ref('int_reports__references') }} as refs on responses.report_ref = refs.report_ref
    {% if is_incremental() %}
        where refs.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

records as (
    select
        records.report_id,
        records.delivery_id,
        records.row_number,
        records.force_code,
        records.recorded_at,
        records.outcome_code,
        records.outcome_on,
        reports.incident_id
    from {{ ref('stg_police_hate_crimes') }} as records
    inner join {{ ref('int_reports__incidents') }} as reports on records.report_id = reports.report_id
    {% if is_incremental() %}
        where reports.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
)

select * from responses
union all
select
    {{ stable_id(["'recorded'", "cast(report_id as text)"], prefix=prefix_of_id('report_id')) }} as answer_id,
    delivery_id,
    row_number,
    incident_id,
    'police_record' as answer_source,
    force_code,
    'accepted' as answer_kind,
    null as transferred_to_force_code,
    null as outcome_code,
    null as reason,
    recorded_at as happened_at
from records
union all
select
    {{ stable_id(["'closed'", "cast(report_id as text)"], prefix=prefix_of_id('report_id')) }} as answer_id,
    delivery_id,
    row_number,
    incident_id,
    'police_record' as answer_source,
    force_code,
    'outcome' as answer_kind,
    null as transferred_to_force_code,
    outcome_code,
    null as reason,
    greatest(recorded_at, cast(outcome_on as timestamp) at time zone 'Europe/London') as happened_at
from records
where outcome_code is not null and outcome_on is not null
