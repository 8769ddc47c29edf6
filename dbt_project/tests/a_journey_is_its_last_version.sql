-- so that the journey as it is and the journey as it is known now, which are counted apart, are the same.
with current_versions as (
    select *
    from {{ ref('fct_victim_journey_versions') }}
    where valid_to is null
)

select
    journeys.journey_id,
    current_versions.journey_id as version_journey_id
from {{ ref('fct_victim_journeys') }} as journeys
full outer join current_versions on journeys.journey_id = current_versions.journey_id
where
    journeys.count_events is distinct from current_versions.count_events
    or journeys.state is distinct from current_versions.state
    or journeys.told_of_outcome_at is distinct from current_versions.told_of_outcome_at
    or journeys.last_confidence is distinct from current_versions.last_confidence
