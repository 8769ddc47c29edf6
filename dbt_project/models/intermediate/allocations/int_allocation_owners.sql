{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_allocations') }}",
        indexes=[
            {'columns': ['incident_id', 'sequence_number'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_allocations') }}
-- Who is responsible, one after the other. An answer moves a case only when it comes from whoever is responsible at
-- that time: a return sends it to the runner-up, or back to the desk; a transfer names the next force. What lies at the
-- desk belongs to the first force that takes it up.
with recursive answers as materialized (
    select
        told.*,
        row_number() over (partition by told.incident_id order by told.happened_at, told.answer_id) as answer_number
    from {{ ref('int_force_answers') }} as told
    where
        told.answer_kind <> 'outcome'
        {% if is_incremental() %}
            and told.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
        {% endif %}
),

-- Nobody can answer before being asked: where an answer of the target is older than the plan, it was asked by then.
planned as (
    select
        plan.incident_id,
        plan.target_kind,
        plan.target_code,
        plan.runner_up_force_code,
        least(plan.planned_at, min(answers.happened_at)) as allocated_at
    from {{ ref('int_allocation_plan') }} as plan
    left join answers on plan.incident_id = answers.incident_id and plan.target_code = answers.force_code
    where
        plan.duty = 'owner'
        {% if is_incremental() %}
            and plan.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
        {% endif %}
    group by plan.incident_id, plan.target_kind, plan.target_code, plan.runner_up_force_code, plan.planned_at
),

chain as (
    select
        incident_id,
        runner_up_force_code,
        cast(0 as bigint) as answer_number,
        1 as sequence_number,
        target_kind,
        target_code,
        allocated_at,
        array[target_code] as asked,
        'planned' as moved_by,
        cast(null as uuid) as answer_id,
        true as is_move
    from planned
    union all
    select
        chain.incident_id,
        chain.runner_up_force_code,
        answers.answer_number,
        chain.sequence_number + cast(step.is_move as integer) as sequence_number,
        case
            when not step.is_move then chain.target_kind
            when step.target_code = 'hub_desk' then 'hub_desk'
            when step.target_code = 'ABROAD' then 'other_country'
            else 'force'
        end as target_kind,
        case when step.is_move then step.target_code else chain.target_code end as target_code,
        case when step.is_move then answers.happened_at else chain.allocated_at end as allocated_at,
        case when step.is_move then chain.asked || step.target_code else chain.asked end as asked,
        answered.moved_by,
        answers.answer_id,
        step.is_move
    from chain
    inner join answers
        on
            chain.incident_id = answers.incident_id
            and chain.answer_number + 1 = answers.answer_number
    cross join
        lateral (
            values (
                case
                    when
                        chain.runner_up_force_code <> 'ABROAD'
                        and not chain.runner_up_force_code = any(chain.asked)
                        then chain.runner_up_force_code
                end
            )
        ) as untried (force_code)
    cross join
        lateral (
            values (
                case
                    when answers.happened_at < chain.allocated_at then 'nothing'
                    when chain.target_kind = 'hub_desk' and answers.answer_kind in ('acknowledged', 'accepted')
                        then 'taken_up'
                    when chain.target_code <> answers.force_code then 'nothing'
                    when answers.answer_kind = 'returned' and untried.force_code is null then 'returned_to_desk'
                    when answers.answer_kind = 'returned' then 'returned'
                    when answers.answer_kind = 'transferred' and answers.transferred_to_force_code <> chain.target_code
                        then 'transferred'
                    else 'nothing'
                end
            )
        ) as answered (moved_by)
    cross join
        lateral (
            values (
                answered.moved_by <> 'nothing',
                case answered.moved_by
                    when 'taken_up' then answers.force_code
                    when 'transferred' then answers.transferred_to_force_code
                    when 'returned' then untried.force_code
                    else 'hub_desk'
                end
            )
        ) as step (is_move, target_code)
)

select
    incident_id,
    sequence_number,
    target_kind,
    target_code,
    moved_by,
    answer_id,
    allocated_at,
    lead(moved_by) over successive as ended_by,
    lead(allocated_at) over successive as ended_at
from chain
where is_move
window successive as (partition by incident_id order by sequence_number)
