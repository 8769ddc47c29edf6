{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_allocations') }}",
        indexes=[
            {'columns': ['answer_id'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['allocation_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_allocations') }}
-- Which allocation an answer is about. Of a force that had the case twice, the latest that it could answer; what it
-- said or recorded before it was given the case answers its first one, at once. Of a provider, the referral by the
-- route that it names, else the one for information where it provides information, and
-- the one for removal where it says anything else.
with of_forces as (
    select distinct on (answers.answer_id)
        answers.answer_id,
        answers.delivery_id,
        answers.row_number,
        answers.incident_id,
        'owner' as duty,
        owners.sequence_number,
        answers.answer_source,
        answers.answer_kind,
        answers.outcome_code,
        greatest(answers.happened_at, owners.allocated_at) as happened_at
    from {{ ref('int_force_answers') }} as answers
    inner join {{ ref('int_allocation_owners') }} as owners
        on
            answers.incident_id = owners.incident_id
            and answers.force_code = owners.target_code
    {% if is_incremental() %}
        where
            answers.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
    {% endif %}
    order by
        answers.answer_id asc,
        answers.happened_at >= owners.allocated_at desc,
        case
            when answers.happened_at >= owners.allocated_at then -owners.sequence_number
            else owners.sequence_number
        end asc
),

of_providers as (
    select distinct on (answers.answer_id)
        answers.answer_id,
        answers.delivery_id,
        answers.row_number,
        answers.incident_id,
        plan.duty,
        1 as sequence_number,
        'provider_response' as answer_source,
        answers.answer_kind,
        case
            when answers.answer_kind not in ('acknowledged', 'more_information_needed') then answers.answer_kind
        end as outcome_code,
        answers.happened_at
    from {{ ref('int_provider_answers') }} as answers
    inner join {{ ref('int_allocation_plan') }} as plan
        on
            answers.incident_id = plan.incident_id
            and answers.provider_code = plan.target_code
            and plan.target_kind = 'provider'
    {% if is_incremental() %}
        where
            answers.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
    {% endif %}
    order by
        answers.answer_id asc,
        answers.referral_route = plan.route desc,
        (answers.answer_kind = 'information_provided') = (plan.duty = 'information') desc,
        plan.duty desc
)

select
    *,
    {{ allocation_id('incident_id', 'duty', 'sequence_number') }} as allocation_id
from of_forces
union all
select
    *,
    {{ allocation_id('incident_id', 'duty', 'sequence_number') }} as allocation_id
from of_providers
