{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[
            {'columns': ['journey_id', 'clock_code'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['due_at']},
        ],
    )
}}

-- Only a victim who is known can be told anything, and only of a crime does the Code speak.
with crimes as (
    select
        known.incident_id,
        coalesce(cardinality(known.strands), 0) > 0 as is_hate_crime
    from {{ ref('int_incidents') }} as known
    where known.incident_class = 'crime' and {{ touched('incident_id', 'known.incident_id') }}
),

events as (
    select
        told.*,
        crimes.is_hate_crime
    from crimes
    inner join {{ ref('fct_journey_events') }} as told on crimes.incident_id = told.incident_id
    where told.victim_person_id is not null
),

turned as (
    select
        events.*,
        turns.clock_code,
        turns.clock_end
    from events
    inner join {{ ref('victims_code_clock_events') }} as turns
        on
            events.event_kind = turns.event_kind
            and (turns.event_detail is null or events.event_detail = turns.event_detail)
),

started as (
    select distinct on (journey_id, clock_code)
        journey_id,
        clock_code,
        incident_id,
        victim_person_id,
        delivery_id,
        row_number,
        is_hate_crime,
        event_id as started_by_event_id,
        happened_at as started_at
    from turned
    where clock_end = 'starts'
    order by journey_id asc, clock_code asc, happened_at asc, event_id asc
),

ruled as (
    select
        started.*,
        clocks.valid_from as rule_valid_from,
        clocks.may_precede_start,
        started.is_hate_crime and clocks.is_enhanced_for_hate_crime as is_enhanced,
        case
            when started.is_hate_crime and clocks.is_enhanced_for_hate_crime
                then clocks.enhanced_working_days
            else clocks.standard_working_days
        end as count_working_days
    from started
    inner join {{ ref('victims_code_clocks') }} as clocks
        on
            started.clock_code = clocks.clock_code
            and cast(started.started_at at time zone 'Europe/London' as date) >= clocks.valid_from
            and (
                clocks.valid_to is null
                or cast(started.started_at at time zone 'Europe/London' as date) <= clocks.valid_to
            )
),

stopped as (
    select
        ruled.journey_id,
        ruled.clock_code,
        min(turned.happened_at) as done_at
    from ruled
    inner join turned on ruled.journey_id = turned.journey_id and ruled.clock_code = turned.clock_code
    where turned.clock_end = 'stops' and (ruled.may_precede_start or turned.happened_at >= ruled.started_at)
    group by ruled.journey_id, ruled.clock_code
),

timed as (
    select
        ruled.*,
        stopped.done_at,
        {{ due_after_working_days('ruled.started_at', 'ruled.count_working_days') }} as due_at
    from ruled
    left join stopped on ruled.journey_id = stopped.journey_id and ruled.clock_code = stopped.clock_code
)

select
    journey_id,
    clock_code,
    incident_id,
    victim_person_id,
    started_by_event_id,
    delivery_id,
    row_number,
    rule_valid_from,
    case
        when done_at is null then 'running'
        when done_at <= due_at then 'met'
        else 'breached'
    end as clock_state,
    count_working_days,
    is_enhanced,
    started_at,
    due_at,
    done_at
from timed
