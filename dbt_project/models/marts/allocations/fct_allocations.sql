{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_allocations') }}",
        indexes=[
            {'columns': ['allocation_id'], 'unique': true},
            {'columns': ['incident_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_allocations') }}
with answers as (
    select told.*
    from {{ ref('int_allocation_answers') }} as told
    {% if is_incremental() %}
        where told.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
    {% endif %}
),

answered as (
    select
        allocation_id,
        min(happened_at) as first_answered_at,
        min(happened_at) filter (where answer_kind in ('accepted', 'outcome')) as accepted_at,
        (
            array_agg(outcome_code order by happened_at desc, answer_id desc)
            filter (where outcome_code is not null and outcome_code <> '0')
        )[1] as outcome_code,
        max(happened_at) filter (where outcome_code is not null and outcome_code <> '0') as outcome_at,
        (array_agg(answer_kind order by happened_at desc, answer_id desc))[1] as last_answer_kind
    from answers
    group by allocation_id
),

-- The first version of a rule also holds for what is older: a force's own record can be from before the hub began.
succession as (
    select
        *,
        case
            when lag(valid_from) over (partition by rule_id order by valid_from) is null then '-infinity'
            else valid_from
        end as holds_from
    from {{ ref('allocation_rules') }}
    where duty = 'succession'
),

plan as (
    select planned.*
    from {{ ref('int_allocation_plan') }} as planned
    {% if is_incremental() %}
        where
            planned.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
    {% endif %}
),

owners as (
    select
        owners.incident_id,
        plan.delivery_id,
        plan.row_number,
        plan.duty,
        owners.sequence_number,
        owners.target_kind,
        owners.target_code,
        coalesce(succession.route, plan.route) as route,
        coalesce(succession.rule_id, plan.rule_id) as rule_id,
        coalesce(succession.rule_version, plan.rule_version) as rule_version,
        case owners.moved_by
            when 'planned' then plan.evidence_grade
            when 'returned' then plan.runner_up_evidence
            when 'returned_to_desk' then 'none'
            else 'said_by_force'
        end as evidence_grade,
        case when owners.moved_by = 'planned' then plan.runner_up_force_code end as runner_up,
        case when owners.moved_by = 'planned' then plan.runner_up_evidence end as runner_up_evidence,
        case
            when owners.moved_by <> 'planned' then succession.reason
            when plan.evidence_grade = 'none' or owners.target_kind not in ('force', 'other_country') then plan.reason
            else format(
                '%s (%s, said %s)',
                plan.reason,
                replace(plan.evidence_grade, '_', ' '),
                case plan.count_sources when 1 then 'once' else plan.count_sources || ' times' end
            )
        end as reason,
        case when succession.rule_id is null then plan.sla_hours else succession.sla_hours end as sla_hours,
        case when succession.rule_id is null then plan.action_hours else succession.action_hours end as action_hours,
        case when succession.rule_id is null then plan.sla_clock else succession.sla_clock end as sla_clock,
        owners.allocated_at,
        owners.ended_by,
        owners.ended_at
    from {{ ref('int_allocation_owners') }} as owners
    inner join plan on owners.incident_id = plan.incident_id and plan.duty = 'owner'
    left join succession
        on
            owners.moved_by = succession.rule_id
            and {{ london_date('owners.allocated_at') }}
            between succession.holds_from and coalesce(succession.valid_to, 'infinity')
),

-- A provider that has answered had been asked by then.
referrals as (
    select
        plan.incident_id,
        plan.delivery_id,
        plan.row_number,
        plan.duty,
        1 as sequence_number,
        plan.target_kind,
        plan.target_code,
        plan.route,
        plan.rule_id,
        plan.rule_version,
        plan.evidence_grade,
        null as runner_up,
        null as runner_up_evidence,
        plan.reason,
        plan.sla_hours,
        plan.action_hours,
        plan.sla_clock,
        least(plan.planned_at, answered.first_answered_at) as allocated_at,
        null as ended_by,
        cast(null as timestamptz) as ended_at
    from plan
    left join answered
        on {{ allocation_id('plan.incident_id', 'plan.duty', '1') }} = answered.allocation_id
    where plan.duty <> 'owner'
),

allocations as (
    select * from owners
    union all
    select * from referrals
),

known as (
    select
        allocations.*,
        {{ allocation_id('allocations.incident_id', 'allocations.duty', 'allocations.sequence_number') }}
            as allocation_id,
        case allocations.target_code
            when 'POLICE_SCOTLAND' then 'scotland'
            when 'PSNI' then 'northern-ireland'
            else 'england-and-wales'
        end as division
    from allocations
),

clocked as (
    select
        known.*,
        case known.sla_clock
            when 'working' then {{ add_working_hours('known.allocated_at', 'known.sla_hours', 'known.division') }}
            when 'elapsed' then known.allocated_at + known.sla_hours * interval '1 hour'
        end as due_at,
        case known.sla_clock
            when 'working'
                then {{ add_working_hours('known.allocated_at', 'known.action_hours', 'known.division') }}
            when 'elapsed' then known.allocated_at + known.action_hours * interval '1 hour'
        end as action_due_at,
        answered.first_answered_at as acknowledged_at,
        answered.accepted_at,
        answered.outcome_code,
        answered.outcome_at,
        answered.last_answer_kind,
        case
            when known.ended_at is not null then known.ended_at
            when answered.outcome_at is not null then answered.outcome_at
            when known.target_kind = 'no_further_action' then known.allocated_at
        end as closed_at
    from known
    left join answered on known.allocation_id = answered.allocation_id
)

select
    clocked.allocation_id,
    clocked.incident_id,
    clocked.delivery_id,
    clocked.row_number,
    case
        when incidents.has_consent_share_police and clocked.target_kind = 'force' then incidents.victim_person_id
    end as victim_person_id,
    clocked.duty,
    clocked.target_kind,
    clocked.target_code,
    clocked.route,
    clocked.rule_id,
    clocked.rule_version,
    clocked.evidence_grade,
    clocked.reason,
    clocked.runner_up,
    clocked.runner_up_evidence,
    case
        when clocked.ended_by in ('returned', 'returned_to_desk') then 'returned'
        when clocked.ended_by is not null then 'transferred'
        when clocked.closed_at is not null then 'completed'
        when clocked.target_kind = 'hub_desk' then 'open'
        when clocked.accepted_at is not null then 'accepted'
        when clocked.last_answer_kind = 'more_information_needed' then 'returned'
        when clocked.acknowledged_at is not null then 'acknowledged'
        else 'sent'
    end as status,
    clocked.outcome_code,
    incidents.has_consent_share_police as is_personal_data_shareable,
    clocked.duty = 'owner' and clocked.ended_at is null as is_current_owner,
    clocked.acknowledged_at <= clocked.due_at as is_acknowledged_in_time,
    clocked.sequence_number,
    cast(
        (
            {{ working_seconds_at('clocked.acknowledged_at', 'clocked.division') }}
            - {{ working_seconds_at('clocked.allocated_at', 'clocked.division') }}
        ) / 3600 as numeric(12, 4)
    ) as working_hours_to_acknowledgement,
    cast(
        (
            {{ working_seconds_at('clocked.outcome_at', 'clocked.division') }}
            - {{ working_seconds_at('clocked.allocated_at', 'clocked.division') }}
        ) / 3600 as numeric(12, 4)
    ) as working_hours_to_outcome,
    clocked.allocated_at,
    clocked.due_at,
    clocked.action_due_at,
    clocked.acknowledged_at,
    clocked.accepted_at,
    clocked.outcome_at,
    clocked.closed_at
from clocked
inner join {{ ref('int_incidents') }} as incidents
    on clocked.incident_id = incidents.incident_id
