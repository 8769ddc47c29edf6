{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['journey_id', 'valid_from'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
with versions as (
    select told.*
    from {{ ref('fct_journey_event_versions') }} as told
    where
        (told.known_to is null or told.known_from < told.known_to)
        {% if is_incremental() %}
            and told.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
        {% endif %}
),

moments as (
    select
        journey_id,
        known_from as valid_from
    from versions
    union
    select
        journey_id,
        known_to as valid_from
    from versions
    where known_to is not null
),

-- The last moment's end comes before the events of a moment are looked up: a moment at which a correction took the last
-- event away has none, and yet ends the moment before.
spans as (
    select
        journey_id,
        valid_from,
        lead(valid_from) over (partition by journey_id order by valid_from) as valid_to
    from moments
),

-- The delivery and row are those of the first event; journey_aggregates gives the columns of steps, answers and counts.
states as (
    select
        versions.journey_id,
        versions.incident_id,
        versions.victim_person_id,
        (array_agg(versions.delivery_id order by versions.happened_at, versions.event_id))[1] as delivery_id,
        (array_agg(versions.row_number order by versions.happened_at, versions.event_id))[1] as row_number,
        {{ journey_aggregates('versions') }},
        spans.valid_from,
        spans.valid_to
    from spans
    inner join versions
        on
            spans.journey_id = versions.journey_id
            and spans.valid_from >= versions.known_from
            and (versions.known_to is null or spans.valid_from < versions.known_to)
    group by
        versions.journey_id, versions.incident_id, versions.victim_person_id, spans.valid_from, spans.valid_to
)

-- The state is the first of these that was reached: told_of_outcome, closed, engaged, contacted, referred, consented,
-- declined, support_offered, needs_assessed, acknowledged, reported. Where none was, it is unreported.
select
    states.journey_id,
    states.incident_id,
    states.victim_person_id,
    states.delivery_id,
    states.row_number,
    {{ journey_state('states') }} as state,
    states.last_outcome_code,
    states.first_confidence,
    states.last_confidence,
    states.count_events,
    states.count_reports,
    states.count_services,
    states.reported_at,
    states.acknowledged_at,
    states.needs_assessed_at,
    states.support_offered_at,
    states.declined_at,
    states.consented_at,
    states.referred_at,
    states.contacted_at,
    states.engaged_at,
    states.closed_at,
    states.police_outcome_at,
    states.told_at,
    states.told_of_outcome_at,
    states.first_confidence_at,
    states.last_confidence_at,
    states.valid_from,
    states.valid_to
from states
