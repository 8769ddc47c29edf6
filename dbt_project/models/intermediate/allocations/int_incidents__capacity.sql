{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='incident_id',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[{'columns': ['incident_id'], 'unique': true}],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- What only a force's records tell of never came to the hub. What comes after closing time is the next working day's.
with intake as (
    select
        incidents.incident_id,
        case
            when today.is_working and incidents.first_hub_reported_at < today.closes_at then today.calendar_on
            else next_day.calendar_on
        end as hub_day,
        incidents.is_criminal and incidents.is_threat_to_life as is_urgent,
        incidents.is_criminal,
        incidents.first_hub_reported_at
    from {{ ref('int_incidents') }} as incidents
    -- A time outside the calendar, which a person has released as it was, is on no working day.
    inner join {{ ref('int_calendar') }} as today
        on
            {{ london_date('incidents.first_hub_reported_at') }} = today.calendar_on
            and today.division = 'england-and-wales'
    left join {{ ref('int_calendar') }} as next_day
        on
            today.working_day_number + 1 = next_day.working_day_number
            and next_day.division = 'england-and-wales'
            and next_day.is_working
    where incidents.first_hub_reported_at is not null
),

-- A day's incidents are taken on in order of urgency, then of time; those over the day's capacity are beyond it.
ranked as (
    select
        intake.incident_id,
        intake.hub_day,
        row_number() over (
            partition by intake.hub_day
            order by intake.is_urgent desc, intake.first_hub_reported_at asc, intake.incident_id asc
        ) > capacity.count_capacity as is_beyond_capacity,
        intake.is_urgent,
        intake.is_criminal
    from intake
    inner join {{ ref('int_hub_days__capacity') }} as capacity on intake.hub_day = capacity.hub_day
)

-- Of what is not affected only those go in again that others have pushed over the capacity, or let back under it.
select
    ranked.*,
    current_timestamp as found_at
from ranked
{% if is_incremental() %}
    left join {{ this }} as found_before on ranked.incident_id = found_before.incident_id
    where ranked.is_beyond_capacity is distinct from found_before.is_beyond_capacity
{% endif %}
