{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_allocations') }}",
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_allocations') }}
with incidents as (
    select known.*
    from {{ ref('int_incidents') }} as known
    {% if is_incremental() %}
        where known.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
    {% endif %}
),

events as (
    select told.*
    from {{ ref('fct_journey_event_versions') }} as told
    where
        told.known_to is null
        {% if is_incremental() %}
            and told.incident_id in (select affected.incident_id from {{ ref('int_affected_allocations') }} as affected)
        {% endif %}
),

-- The latest outcome counts: a case can be opened again.
outcomes as (
    select distinct on (events.incident_id)
        events.incident_id,
        events.event_detail as outcome_code,
        known.outcome_group,
        known.is_final,
        known.is_positive,
        events.happened_at
    from events
    inner join {{ ref('outcomes') }} as known on events.event_detail = known.outcome_code
    where events.event_kind = 'police_outcome'
    order by events.incident_id asc, events.happened_at desc, events.event_id desc
),

work as (
    select
        incident_id,
        bool_or(event_kind = 'worked_on') as is_investigated,
        bool_or(event_kind = 'told' and event_detail = 'arrest') as has_arrest
    from events
    group by incident_id
),

home as (
    select
        parameter_text as force_code,
        valid_from,
        coalesce(valid_to, 'infinity') as holds_to
    from {{ ref('measure_parameters') }}
    where parameter_code = 'home_force'
),

-- A force keeps what it has recorded itself: the hub has given it nothing.
elsewhere as (
    select distinct owners.incident_id
    from {{ ref('int_allocation_owners') }} as owners
    inner join {{ ref('int_allocation_plan') }} as plan
        on owners.incident_id = plan.incident_id and plan.duty = 'owner'
    inner join home on {{ london_date('owners.allocated_at') }} between home.valid_from and home.holds_to
    where
        owners.target_kind = 'force'
        and owners.target_code <> home.force_code
        and not (owners.moved_by = 'planned' and plan.route = 'police_record')
),

victims as (
    select
        journeys.incident_id,
        count(*) filter (where journeys.is_victim_known) as count_victims,
        count(*) filter (where journeys.is_victim_known and journeys.referred_at is not null) as count_victims_referred
    from {{ ref('fct_victim_journeys') }} as journeys
    group by journeys.incident_id
)

select
    incidents.incident_id,
    incidents.delivery_id,
    incidents.row_number,
    incidents.force_code,
    incidents.provider_code,
    reports.feed,
    incidents.strands,
    incidents.funnel,
    outcomes.outcome_code,
    incidents.is_criminal,
    coalesce(work.is_investigated, false) as is_investigated,
    elsewhere.incident_id is not null as is_referred_elsewhere,
    coalesce(work.has_arrest, false) as has_arrest,
    coalesce(outcomes.is_final, false) as is_closed,
    coalesce(outcomes.outcome_group = 'charge', false) as is_charged,
    coalesce(outcomes.is_positive, false) as is_positive,
    incidents.count_reports,
    cast(coalesce(victims.count_victims, 0) as integer) as count_victims,
    cast(coalesce(victims.count_victims_referred, 0) as integer) as count_victims_referred,
    cast(date_trunc('month', incidents.first_reported_at at time zone 'Europe/London') as date) as month,
    case
        when outcomes.is_final
            then cast(date_trunc('month', outcomes.happened_at at time zone 'Europe/London') as date)
    end as closed_month
from incidents
inner join {{ ref('fct_reports') }} as reports
    on incidents.first_report_id = reports.report_id
left join outcomes on incidents.incident_id = outcomes.incident_id
left join work on incidents.incident_id = work.incident_id
left join elsewhere on incidents.incident_id = elsewhere.incident_id
left join victims on incidents.incident_id = victims.incident_id
