{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='incident_id',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}, {{ ref('stg_ledger__builds') }}
-- What the hub's officers wrote down: when they allocated it.
with allocated_by_hand as (
    select
        reports.incident_id,
        min(activities.started_at) as started_at
    from {{ ref('stg_hub_activity') }} as activities
    inner join {{ ref('int_reports__references') }} as reports
        on activities.report_ref = reports.report_ref
    where activities.activity = 'allocation'
    group by reports.incident_id
),

incidents as (
    select
        incidents.*,
        capacity.is_beyond_capacity,
        incidents.is_criminal and incidents.is_threat_to_life as is_urgent,
        -- A class that triage gave moves the case when it was given; nobody waits for it where a life is threatened.
        case
            when incidents.is_police_record_alone then incidents.recorded_at
            when incidents.is_criminal and incidents.is_threat_to_life then incidents.first_hub_reported_at
            when incidents.class_basis = 'triage'
                then greatest(incidents.first_hub_reported_at, incidents.classified_at)
            else incidents.first_hub_reported_at
        end as noticed_at
    from {{ ref('int_incidents') }} as incidents
    left join {{ ref('int_incidents__capacity') }} as capacity
        on incidents.incident_id = capacity.incident_id
    {% if is_incremental() %}
        where
            incidents.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
            or capacity.found_at > (
                select max(builds.finished_at) from {{ ref('stg_ledger__builds') }} as builds
                where builds.status = 'succeeded' and builds.selection is null
            )
    {% endif %}
)

select
    incidents.incident_id,
    incidents.delivery_id,
    incidents.row_number,
    incidents.incident_class,
    incidents.funnel,
    incidents.location_evidence,
    coalesce(incidents.provider_code, 'none') as platform,
    case when incidents.force_code <> 'ABROAD' then incidents.force_code end as force_code,
    incidents.recording_force_code,
    incidents.runner_up_force_code,
    incidents.runner_up_evidence,
    incidents.is_online,
    incidents.is_criminal,
    incidents.is_urgent,
    coalesce(providers.provider_kind <> 'not_a_provider', false) as has_provider,
    coalesce(incidents.force_code <> 'ABROAD', false) as has_force,
    incidents.is_police_record_alone,
    incidents.is_place_doubtful,
    coalesce(incidents.is_beyond_capacity, false) as is_beyond_capacity,
    incidents.count_sources,
    incidents.noticed_at,
    -- Not before the evidence was known; the hub's own note of it where it is later than that.
    greatest(incidents.noticed_at, incidents.evidence_known_at, allocated_by_hand.started_at) as decided_at
from incidents
left join {{ ref('platforms') }} as providers on incidents.provider_code = providers.provider_code
left join allocated_by_hand on incidents.incident_id = allocated_by_hand.incident_id
