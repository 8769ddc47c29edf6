-- A journey has another number with each new delivery, so that lists of journeys of two days cannot be joined. With the
-- same deliveries it has the same, so that a build from nothing gives the same. Each force has its own numbers:
-- those of all would tell it how many journeys there are elsewhere.
with clocks as (
    select
        journey_id,
        count(*) as count_clocks,
        count(*) filter (where clock_state = 'met') as count_clocks_met,
        count(*) filter (where clock_state in ('breached', 'overdue')) as count_clocks_breached,
        count(*) filter (where clock_state = 'running') as count_clocks_running,
        min(due_at) filter (where clock_state = 'running') as next_due_at
    from {{ ref('fct_victim_clocks') }}
    group by journey_id
),

-- Made short once: what is as long as the list of all deliveries would be hashed again for each journey.
salt as (
    select
        sha256(convert_to(coalesce(string_agg(cast(delivery_id as text), ',' order by delivery_id), ''), 'UTF8'))
            as salt
    from {{ ref('fct_deliveries') }}
    where status = 'loaded'
)

select
    cast(date_trunc('month', journeys.reported_at at time zone 'Europe/London') as date) as reported_month,
    row_number() over (
        partition by journeys.force_code
        order by sha256(uuid_send(journeys.journey_id) || salt.salt)
    ) as journey_number,
    journeys.incident_class,
    journeys.force_code,
    forces.force_name,
    journeys.state,
    outcomes.outcome_group as last_outcome_group,
    journeys.is_victim_known,
    journeys.first_confidence,
    journeys.last_confidence,
    journeys.count_reports,
    journeys.count_services,
    coalesce(clocks.count_clocks, 0) as count_clocks,
    coalesce(clocks.count_clocks_met, 0) as count_clocks_met,
    coalesce(clocks.count_clocks_breached, 0) as count_clocks_breached,
    {% for step in [
        'acknowledged', 'needs_assessed', 'support_offered', 'declined', 'consented', 'referred', 'contacted',
        'engaged', 'closed', 'told_of_outcome',
    ] %}
        cast(journeys.{{ step }}_at at time zone 'Europe/London' as date)
        - cast(journeys.reported_at at time zone 'Europe/London' as date) as days_to_{{ step }},
    {% endfor %}
    clocks.next_due_at,
    coalesce(clocks.count_clocks_running, 0) as count_clocks_running,
    journeys.support_offered_at is not null as is_support_offered,
    journeys.referred_at is not null as is_referred,
    journeys.engaged_at is not null as is_engaged
from {{ ref('fct_victim_journeys') }} as journeys
cross join salt
left join clocks on journeys.journey_id = clocks.journey_id
left join {{ ref('dim_force') }} as forces on journeys.force_code = forces.force_code
left join {{ ref('dim_outcome') }} as outcomes on journeys.last_outcome_code = outcomes.outcome_code
