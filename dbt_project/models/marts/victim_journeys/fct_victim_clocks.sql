-- A view: a clock turns overdue by itself, without a delivery about it.
{{ config(materialized='view') }}

select
    times.journey_id,
    times.clock_code,
    times.incident_id,
    times.victim_person_id,
    times.started_by_event_id,
    times.delivery_id,
    times.row_number,
    times.rule_valid_from,
    times.force_code,
    case
        when times.done_at <= times.due_at then 'met'
        when times.done_at > times.due_at then 'breached'
        when times.due_at < as_of.data_as_of then 'overdue'
        else 'running'
    end as clock_state,
    times.count_working_days,
    times.is_enhanced,
    times.started_at,
    times.due_at,
    times.done_at
from {{ ref('fct_victim_clock_times') }} as times
cross join {{ ref('dim_as_of') }} as as_of
