{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__answered', 'tells_changed': ['incident_id']},
        indexes=[{'columns': ['answer_id'], 'unique': true}, {'columns': ['incident_id']}],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- A force answers the hub, and its own records answer too: what it has recorded it has accepted, and what it has closed
-- has an outcome. An outcome is dated by the day; it counts from that day's beginning, but not before the recording.
with responses as (
    select
        responses.response_id as answer_id,
        responses.delivery_id,
        responses.row_number,
        reports.incident_id,
        'force_response' as answer_source,
        responses.force_code,
        responses.response_kind as answer_kind,
        responses.transferred_to_force_code,
        responses.outcome_code,
        responses.reason,
        responses.happened_at
    from {{ of_touched('int_reports__references', worklist='int_touched__answered') }} as reports
    cross join
        lateral (
            select told.*
            from {{ ref('stg_force_responses') }} as told
            where told.report_ref = reports.report_ref
            {{ row_by_row() }}
        ) as responses
),

records as (
    select
        records.*,
        reports.incident_id
    from {{ of_touched('int_reports__located', worklist='int_touched__answered') }} as reports
    cross join
        lateral (
            select
                kept.report_id,
                kept.delivery_id,
                kept.row_number,
                kept.force_code,
                kept.recorded_at,
                kept.outcome_code,
                kept.outcome_on
            from {{ ref('stg_police_hate_crimes') }} as kept
            where kept.report_id = reports.report_id
            {{ row_by_row() }}
        ) as records
)

select * from responses
union all
select
    {{ stable_id(["'recorded'", "cast(report_id as text)"], beside=place_of_id('report_id')) }} as answer_id,
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
    {{ stable_id(["'closed'", "cast(report_id as text)"], beside=place_of_id('report_id')) }} as answer_id,
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
