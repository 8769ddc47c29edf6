{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__journeys', 'summed_by': ['agg_victim_clocks__due']},
        indexes=[{'columns': ['incident_id', 'journey_id', 'clock_code'], 'unique': true}],
    )
}}

-- Only a victim who is known can be told anything, and only of a crime does the Code speak.
with crimes as (
    select
        known.incident_id,
        known.force_code,
        coalesce(cardinality(known.strands), 0) > 0 as is_hate_crime
    from {{ of_touched('int_incidents', worklist='int_touched__journeys') }} as known
    where known.incident_class = 'crime'
),

events as (
    select
        told.*,
        crimes.force_code,
        crimes.is_hate_crime
    from crimes
    inner join {{ of_touched('fct_journey_event_versions', worklist='int_touched__journeys') }} as told
        on crimes.incident_id = told.incident_id
    where told.known_to is null and told.victim_person_id is not null
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

marked as (
    select
        turned.*,
        min(turned.happened_at) filter (where turned.clock_end = 'starts') over of_clock as started_at
    from turned
    window of_clock as (partition by turned.journey_id, turned.clock_code)
),

-- Of each clock at one look: its first start, and the first stop, at whatever time and after the start.
started as (
    select
        journey_id,
        clock_code,
        incident_id,
        victim_person_id,
        force_code,
        is_hate_crime,
        started_at,
        {%- for column in ['event_id', 'delivery_id', 'row_number'] %}
            (array_agg({{ column }} order by happened_at, event_id) filter (where clock_end = 'starts'))[1]
                as {{ 'started_by_event_id' if column == 'event_id' else column }},
        {%- endfor %}
        min(happened_at) filter (where clock_end = 'stops') as first_done_at,
        min(happened_at) filter (where clock_end = 'stops' and happened_at >= started_at) as done_after_start_at
    from marked
    where started_at is not null
    group by journey_id, clock_code, incident_id, victim_person_id, force_code, is_hate_crime, started_at
),

ruled as (
    select
        started.*,
        clocks.valid_from as rule_valid_from,
        started.is_hate_crime and clocks.is_enhanced_for_hate_crime as is_enhanced,
        case
            when started.is_hate_crime and clocks.is_enhanced_for_hate_crime
                then clocks.enhanced_working_days
            else clocks.standard_working_days
        end as count_working_days,
        case
            when clocks.may_precede_start then started.first_done_at
            else started.done_after_start_at
        end as done_at
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

-- Materialised, or the due time is looked up again wherever it is named.
timed as materialized (
    select
        ruled.*,
        {{ due_after_working_days('ruled.started_at', 'ruled.count_working_days') }} as due_at
    from ruled
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
    force_code,
    count_working_days,
    is_enhanced,
    started_at,
    due_at,
    done_at
from timed
