{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['journey_id'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- All journeys of an affected incident are deleted and made again. Of each event the version that holds now counts.
with events as (
    select versions.*
    from {{ ref('fct_journey_event_versions') }} as versions
    where
        versions.known_to is null
        {% if is_incremental() %}
            and versions.incident_id in (
                select affected.incident_id from {{ ref('int_affected_incidents') }} as affected
            )
        {% endif %}
),

-- The delivery and row are those of the first event; journey_aggregates gives the columns of steps, answers and counts.
journeys as (
    select
        events.journey_id,
        events.incident_id,
        events.victim_person_id,
        (array_agg(events.delivery_id order by events.happened_at, events.event_id))[1] as delivery_id,
        (array_agg(events.row_number order by events.happened_at, events.event_id))[1] as row_number,
        {{ journey_aggregates('events') }},
        max(events.happened_at) as last_event_at
    from events
    group by events.journey_id, events.incident_id, events.victim_person_id
)

-- The state is the first of these that was reached: told_of_outcome, closed, engaged, contacted, referred, consented,
-- declined, support_offered, needs_assessed, acknowledged, reported. Where none was, it is unreported.
select
    journeys.journey_id,
    journeys.incident_id,
    journeys.victim_person_id,
    journeys.delivery_id,
    journeys.row_number,
    incidents.incident_class,
    incidents.force_code,
    {{ journey_state('journeys') }} as state,
    journeys.last_outcome_code,
    journeys.first_confidence,
    journeys.last_confidence,
    journeys.count_events,
    journeys.count_reports,
    journeys.count_services,
    journeys.victim_person_id is not null as is_victim_known,
    incidents.has_consent_refer_support,
    journeys.reported_at,
    journeys.acknowledged_at,
    journeys.needs_assessed_at,
    journeys.support_offered_at,
    journeys.declined_at,
    journeys.consented_at,
    journeys.referred_at,
    journeys.contacted_at,
    journeys.engaged_at,
    journeys.closed_at,
    journeys.police_outcome_at,
    journeys.told_at,
    journeys.told_of_outcome_at,
    journeys.first_confidence_at,
    journeys.last_confidence_at,
    journeys.last_event_at
from journeys
inner join {{ ref('int_incidents') }} as incidents on journeys.incident_id = incidents.incident_id
