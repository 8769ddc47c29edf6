with strands as (
    select
        incident_id,
        array_agg(strand_code order by strand_code) as strands
    from {{ ref('bridge_incident_strands') }}
    group by incident_id
)

select
    incidents.first_reported_at,
    incidents.incident_id,
    incidents.incident_class,
    incidents.class_basis,
    incidents.funnel,
    incidents.force_code,
    forces.force_name,
    incidents.location_evidence,
    incidents.location_status,
    strands.strands,
    incidents.is_online,
    incidents.provider_code as platform,
    incidents.is_threat_to_life,
    incidents.is_consented_share_anonymised,
    owners.target_kind as owner_kind,
    owners.target_code as owner_code,
    owners.status as owner_status,
    incidents.occurred_on,
    incidents.last_reported_at,
    incidents.count_reports,
    incidents.count_reporters
from {{ ref('fct_incidents') }} as incidents
left join strands on incidents.incident_id = strands.incident_id
left join {{ ref('dim_force') }} as forces on incidents.force_code = forces.force_code
left join {{ ref('fct_allocations') }} as owners
    on
        incidents.incident_id = owners.incident_id
        and owners.is_current_owner
