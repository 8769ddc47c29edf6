{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'tells_changed': ['incident_id']},
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
            {'columns': ['hub_day']},
        ],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

-- What only a force's records tell of never came to the hub. What comes after closing time is the next working day's.
select
    incidents.incident_id,
    case
        when today.is_working and incidents.first_hub_reported_at < today.closes_at then today.calendar_on
        else next_day.calendar_on
    end as hub_day,
    incidents.is_criminal and incidents.is_threat_to_life as is_urgent,
    incidents.is_criminal,
    incidents.first_hub_reported_at
from {{ of_touched('int_incidents') }} as incidents
left join {{ ref('int_calendar') }} as today
    on
        {{ london_date('incidents.first_hub_reported_at') }} = today.calendar_on
        and today.division = 'england-and-wales'
left join {{ ref('int_calendar') }} as next_day
    on
        today.working_day_number + 1 = next_day.working_day_number
        and next_day.division = 'england-and-wales'
        and next_day.is_working
where
    incidents.first_hub_reported_at is not null
    -- A time outside the calendar, which a person has released as it was, is on no working day.
    and today.calendar_on is not null
