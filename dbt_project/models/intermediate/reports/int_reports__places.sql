{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['incident_id']},
            {'columns': ['report_id']},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
-- A report that linkage has not seen is an incident of its own.
with incidents as (
    select
        unioned.*,
        coalesce(
            links.incident_id, {{ incident_id('unioned.report_id') }}
        ) as incident_id
    from {{ ref('int_reports__unioned') }} as unioned
    left join {{ ref('stg_linkage__report_incidents') }} as links on unioned.report_id = links.report_id
),

-- A home is personal: without consent to share with the police it tells nothing. Who reports a post that attacks nobody
-- in person names the borough they live in, which is not where it happened. A place abroad is in none of the hub's
-- lists, also where it is called like one of them.
reports as materialized (
    select
        incidents.report_id,
        incidents.incident_id,
        case when not is_abroad.flag then incidents.offence_lsoa_code end as offence_lsoa_code,
        case when not is_abroad.flag then incidents.offence_postcode_district end as offence_postcode_district,
        homes.postcode_district as home_postcode_district,
        case
            when
                not is_abroad.flag
                and not (
                    incidents.feed in ('true_vision_reports', 'community_reports')
                    and incidents.is_online is not distinct from 'yes'
                    and incidents.reporter_is_victim is not true
                    and not incidents.has_victim_details
                )
                then incidents.borough_named
        end as borough_named,
        incidents.force_named
    from incidents
    cross join lateral (values (coalesce(incidents.force_named = 'ABROAD', false))) as is_abroad (flag)
    left join {{ ref('stg_linkage__mention_areas') }} as homes
        on
            {{ mention_id('incidents.report_id', 'victim') }} = homes.mention_id
            and incidents.consent_share_police
    {% if is_incremental() %}
        where
            incidents.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
)

-- A place that no list knows points to no force.
select
    reports.report_id,
    reports.incident_id,
    'offence_lsoa' as location_evidence,
    authorities.force_code,
    authorities.lad_code,
    reports.offence_lsoa_code,
    1 as force_share
from reports
left join {{ ref('int_areas__lsoas') }} as lsoas on reports.offence_lsoa_code = lsoas.lsoa_code
left join {{ ref('local_authorities') }} as authorities on lsoas.lad_code = authorities.lad_code
where reports.offence_lsoa_code is not null
union all
select
    reports.report_id,
    reports.incident_id,
    'offence_postcode_district' as location_evidence,
    districts.force_code,
    districts.lad_code,
    null as offence_lsoa_code,
    districts.force_share
from reports
left join {{ ref('int_areas__districts') }} as districts
    on reports.offence_postcode_district = districts.postcode_district
where reports.offence_postcode_district is not null
union all
select
    reports.report_id,
    reports.incident_id,
    'victim_home' as location_evidence,
    districts.force_code,
    districts.lad_code,
    null as offence_lsoa_code,
    districts.force_share
from reports
left join {{ ref('int_areas__districts') }} as districts on reports.home_postcode_district = districts.postcode_district
where reports.home_postcode_district is not null
union all
select
    reports.report_id,
    reports.incident_id,
    'borough_named' as location_evidence,
    named.force_code,
    named.lad_code,
    null as offence_lsoa_code,
    named.force_share
from reports
left join {{ ref('int_reports__named_places') }} as named on reports.borough_named = named.borough_named
where reports.borough_named is not null
union all
select
    reports.report_id,
    reports.incident_id,
    'force_named' as location_evidence,
    reports.force_named as force_code,
    null as lad_code,
    null as offence_lsoa_code,
    1 as force_share
from reports
where reports.force_named is not null
