{{ config(materialized='view') }}

with latest as (
    select distinct on (panel) run_id
    from {{ ref('stg_forecast__runs') }}
    order by panel asc, cut_off desc, made_at desc, run_id asc
),

decided as (
    select *
    from {{ ref('stg_forecast__tasking_decisions') }}
    where kind in ('approved', 'declined')
),

-- The latest account of how it ended.
outcomes as (
    select distinct on (run_id, slot) *
    from {{ ref('stg_forecast__tasking_decisions') }}
    where kind = 'outcome'
    order by run_id asc, slot asc, decision_id desc
)

select
    slots.run_id,
    slots.slot,
    latest.run_id is not null as is_current,
    runs.cut_off,
    runs.area_level,
    slots.area_code,
    slots.area_name,
    slots.force_code,
    slots.rank,
    slots.why,
    slots.expected_reports,
    slots.p05,
    slots.p95,
    slots.strands,
    slots.action,
    slots.stability_weeks,
    slots.selection,
    decided.decided_by as approver,
    coalesce(decided.kind, 'open') as decision,
    decided.because as decision_reason,
    decided.decided_at,
    slots.review_by,
    outcomes.because as outcome,
    outcomes.decided_at as outcome_at,
    runs.panel,
    -- Areas are proposed for what four weeks are expected to bring.
    'four_weeks' as horizon
from {{ ref('stg_forecast__tasking') }} as slots
inner join {{ ref('stg_forecast__runs') }} as runs on slots.run_id = runs.run_id
left join latest on slots.run_id = latest.run_id
left join decided on slots.run_id = decided.run_id and slots.slot = decided.slot
left join outcomes on slots.run_id = outcomes.run_id and slots.slot = outcomes.slot
