{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__allocations'},
        indexes=[
            {'columns': ['event_id'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['allocation_id']},
        ],
    )
}}

select
    {{ stable_id(["'sent'", "cast(allocations.allocation_id as text)"]) }} as event_id,
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
from {{ of_touched('fct_allocations', worklist='int_touched__allocations') }} as allocations
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
from {{ of_touched('int_allocation_answers', worklist='int_touched__allocations') }} as answers
inner join {{ of_touched('fct_allocations', worklist='int_touched__allocations') }} as allocations
    on answers.allocation_id = allocations.allocation_id
