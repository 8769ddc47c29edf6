-- A view: it only puts allocations and the answers to them together, event by event. An allocation counts as sent when
-- it is made; the id of that event begins with the allocation's own prefix, so that it is the same in each build.
{{ config(materialized='view') }}

select
    {{
        stable_id(
            ["'sent'", "cast(allocations.allocation_id as text)"], prefix=prefix_of_id('allocations.allocation_id')
        )
    }} as event_id,
    allocations.allocation_id,
    allocations.incident_id,
    allocations.delivery_id,
    allocations.row_number,
    allocations.target_kind,
    allocations.target_code,
    'sent' as event_kind,
    'hub' as event_source,
    null as outcome_code,
    allocations.allocated_at as happened_at
from {{ ref('fct_allocations') }} as allocations
union all
select
    answers.answer_id as event_id,
    answers.allocation_id,
    answers.incident_id,
    answers.delivery_id,
    answers.row_number,
    allocations.target_kind,
    allocations.target_code,
    answers.answer_kind as event_kind,
    answers.answer_source as event_source,
    answers.outcome_code,
    answers.happened_at
from {{ ref('int_allocation_answers') }} as answers
inner join {{ ref('fct_allocations') }} as allocations
    on answers.allocation_id = allocations.allocation_id
