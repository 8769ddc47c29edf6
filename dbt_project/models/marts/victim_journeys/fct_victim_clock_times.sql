{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['journey_id', 'clock_code'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- Only a victim who is known can be told anything, and only of a crime does the Code speak.
with crimes as (
    select
        known.incident_id,
        known.force_code,
        coalesce(cardinality(known.strands), 0) > 0 as is_hate_crime
    from {{ ref('int_incidents') }} as known
    where
        known.incident_class = 'crime'
        {% if is_incremental() %}
            and known.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
        {% endif %}
),

events as (
    select
        told.*,
        crimes.force_code,
        crimes.is_hate_crime
    from crimes
    inner join {{ ref('fct_journey_event_versions') }} as told
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
        {{ add_working_days('ruled.started_at', 'ruled.count_working_days') }} as due_at
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
