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
-- The owners of each incident, in order. Only an answer of the current owner moves it: a return moves it to the
-- runner-up force, or to the desk where there is none or it was asked before; a transfer moves it to the named force. A
-- case at the desk goes to the first force that acknowledges or accepts it.
with recursive answers as materialized (
    select
        force_answers.*,
        row_number() over (
            partition by force_answers.incident_id order by force_answers.happened_at, force_answers.answer_id
        ) as answer_number
    from {{ ref('int_force_answers') }} as force_answers
    where
        force_answers.answer_kind <> 'outcome'
        {% if is_incremental() %}
            and force_answers.incident_id in (
                select affected.incident_id from {{ ref('int_affected_allocations') }} as affected
            )
        {% endif %}
),

-- Where the planned owner answered before the planned time, its first answer of any kind is the time of the allocation.
-- For the desk a force answers: the first that acknowledged or accepted the case found it there.
planned as (
    select
        plan.incident_id,
        plan.target_kind,
        plan.target_code,
        plan.runner_up_force_code,
        least(plan.planned_at, min(force_answers.happened_at)) as allocated_at
    from {{ ref('int_allocation_plan') }} as plan
    left join {{ ref('int_force_answers') }} as force_answers
        on
            plan.incident_id = force_answers.incident_id
            and (
                plan.target_code = force_answers.force_code
                or (plan.target_kind = 'hub_desk' and force_answers.answer_kind in ('acknowledged', 'accepted'))
            )
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
        array[target_code] as previous_owners,
        'planned' as moved_by,
        cast(null as uuid) as answer_id,
        true as is_move
    from planned
    union all
    select
        chain.incident_id,
        chain.runner_up_force_code,
        answers.answer_number,
        chain.sequence_number + cast(next_owner.is_move as integer) as sequence_number,
        case
            when not next_owner.is_move then chain.target_kind
            when next_owner.target_code = 'hub_desk' then 'hub_desk'
            when next_owner.target_code = 'ABROAD' then 'other_country'
            else 'force'
        end as target_kind,
        case when next_owner.is_move then next_owner.target_code else chain.target_code end as target_code,
        case when next_owner.is_move then answers.happened_at else chain.allocated_at end as allocated_at,
        case
            when next_owner.is_move then chain.previous_owners || next_owner.target_code else chain.previous_owners
        end as previous_owners,
        effect.moved_by,
        answers.answer_id,
        next_owner.is_move
    from chain
    inner join answers
        on
            chain.incident_id = answers.incident_id
            and chain.answer_number + 1 = answers.answer_number
    -- The runner-up force, if it was not asked yet.
    cross join
        lateral (
            values (
                case
                    when
                        chain.runner_up_force_code <> 'ABROAD'
                        and not chain.runner_up_force_code = any(chain.previous_owners)
                        then chain.runner_up_force_code
                end
            )
        ) as runner_up (force_code)
    -- What the answer does.
    cross join
        lateral (
            values (
                case
                    when answers.happened_at < chain.allocated_at then 'no_change'
                    when chain.target_kind = 'hub_desk' and answers.answer_kind in ('acknowledged', 'accepted')
                        then 'taken_up'
                    when chain.target_code <> answers.force_code then 'no_change'
                    when answers.answer_kind = 'returned' and runner_up.force_code is null then 'returned_to_desk'
                    when answers.answer_kind = 'returned' then 'returned'
                    when answers.answer_kind = 'transferred' and answers.transferred_to_force_code <> chain.target_code
                        then 'transferred'
                    else 'no_change'
                end
            )
        ) as effect (moved_by)
    -- The next owner.
    cross join
        lateral (
            values (
                effect.moved_by <> 'no_change',
                case effect.moved_by
                    when 'taken_up' then answers.force_code
                    when 'transferred' then answers.transferred_to_force_code
                    when 'returned' then runner_up.force_code
                    else 'hub_desk'
                end
            )
        ) as next_owner (is_move, target_code)
)

select
    incident_id,
    sequence_number,
    target_kind,
    target_code,
    moved_by,
    answer_id,
    allocated_at,
    lead(moved_by) over by_sequence as ended_by,
    lead(allocated_at) over by_sequence as ended_at
from chain
where is_move
window by_sequence as (partition by incident_id order by sequence_number)
