{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_allocations') }}",
        indexes=[
            {'columns': ['incident_id', 'duty'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_allocations') }}
-- `hub allocations try` runs this query over a draft of the rules.
{%- set conditions = [
    'incident_class', 'is_criminal', 'is_urgent', 'is_online', 'funnel', 'location_evidence', 'platform',
    'has_provider', 'has_force', 'is_police_record_alone', 'is_beyond_capacity', 'is_place_doubtful',
] %}

with rules as (
    select *
    from {{ ref('allocation_rules') }}
    where duty <> 'succession'
),

-- The days on which the set of rules in force changes.
periods as (
    select valid_from as begins_on from rules
    union
    select valid_to + 1 as begins_on from rules
    where valid_to is not null
),

-- The first rules also apply to earlier incidents, so that every incident has an owner.
spans as (
    select
        begins_on,
        case
            when lag(begins_on) over (order by begins_on) is null then '-infinity' else begins_on
        end as holds_from,
        coalesce(lead(begins_on) over (order by begins_on) - 1, 'infinity') as ends_on
    from periods
),

cases as (
    select
        cases.*,
        spans.begins_on
    from {{ ref('int_allocation_cases') }} as cases
    left join spans on {{ london_date('cases.decided_at') }} between spans.holds_from and spans.ends_on
    {% if is_incremental() %}
        where cases.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
    {% endif %}
),

-- Incidents with the same conditions get the same rule: each combination is matched once.
kinds as (
    select distinct
        begins_on,
        {{ conditions | join(', ') }}
    from cases
),

matched as (
    select distinct on (kinds.*, rules.duty)
        kinds.*,
        rules.rule_id,
        rules.rule_version,
        rules.duty,
        rules.target_kind,
        rules.route,
        rules.owner_rule,
        rules.sla_hours,
        rules.action_hours,
        rules.sla_clock,
        rules.reason
    from kinds
    inner join rules
        on
            kinds.begins_on between rules.valid_from and coalesce(rules.valid_to, 'infinity')
            {% for condition in conditions %}
                and (rules.{{ condition }} is null or kinds.{{ condition }} = rules.{{ condition }})
            {% endfor %}
    order by kinds.* asc, rules.duty asc, rules.priority asc, rules.rule_id asc
)

select
    cases.incident_id,
    cases.delivery_id,
    cases.row_number,
    matched.duty,
    matched.rule_id,
    matched.rule_version,
    -- What a police force abroad has recorded is another country's case.
    case
        when matched.owner_rule = 'recording_force' and cases.recording_force_code = 'ABROAD' then 'other_country'
        else matched.target_kind
    end as target_kind,
    case matched.owner_rule
        when 'evidence' then cases.force_code
        when 'recording_force' then cases.recording_force_code
        when 'platform' then cases.platform
        when 'abroad' then 'ABROAD'
        else matched.target_kind
    end as target_code,
    matched.route,
    cases.location_evidence as evidence_grade,
    cases.runner_up_force_code,
    cases.runner_up_evidence,
    cases.count_sources,
    matched.reason,
    matched.sla_hours,
    matched.action_hours,
    matched.sla_clock,
    case when matched.duty = 'owner' then cases.decided_at else cases.noticed_at end as planned_at
from cases
inner join matched
    on
        cases.begins_on = matched.begins_on
        {% for condition in conditions %}
            and cases.{{ condition }} = matched.{{ condition }}
        {% endfor %}
