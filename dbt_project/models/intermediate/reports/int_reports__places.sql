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
        unioned.report_id,
        unioned.feed,
        unioned.is_online,
        unioned.reporter_is_victim,
        unioned.has_victim_details,
        unioned.offence_lsoa_code,
        unioned.offence_postcode_district,
        unioned.borough_named,
        unioned.force_named,
        unioned.consent_share_police,
        coalesce(
            links.incident_id, {{ incident_id('unioned.report_id') }}
        ) as incident_id
    from {{ ref('int_reports__unioned') }} as unioned
    left join {{ ref('stg_linkage__report_incidents') }} as links on unioned.report_id = links.report_id
),

-- Whether it is a post, and none of its reports names a person who was attacked.
affected as materialized (
    select
        *,
        coalesce(force_named = 'ABROAD', false) as is_abroad,
        coalesce(is_online = 'yes', false)
        and not bool_or(coalesce(reporter_is_victim, false) or has_victim_details) over (partition by incident_id)
            as is_without_victim
    from incidents
    {% if is_incremental() %}
        where incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

-- Strangers who report such a post name each the borough they live in, which is not where it happened. It counts where
-- a volunteer has it from the post, or a second report has the same, and no report has another force's.
boroughs as (
    select
        affected.incident_id,
        affected.report_id,
        affected.feed = 'volunteer_reports' as is_from_volunteer,
        named.force_code
    from affected
    inner join {{ ref('int_reports__named_places') }} as named on affected.borough_named = named.borough_named
    where affected.is_without_victim
),

boroughs_of_forces as (
    select
        incident_id,
        force_code,
        count(distinct report_id) as count_reports
    from boroughs
    group by incident_id, force_code
),

boroughs_of_posts as (
    select
        incident_id,
        count(distinct report_id) as count_reports,
        bool_or(is_from_volunteer) as has_volunteer
    from boroughs
    group by incident_id
),

agreed as (
    select distinct posts.incident_id
    from boroughs_of_posts as posts
    inner join boroughs_of_forces as forces
        on posts.incident_id = forces.incident_id and posts.count_reports = forces.count_reports
    where posts.has_volunteer or posts.count_reports > 1
),

-- A home is personal: without consent to share with the police it tells nothing. A place abroad is in none of the hub's
-- lists, also where it is called like one of them.
reports as materialized (
    select
        affected.report_id,
        affected.incident_id,
        case when not affected.is_abroad then affected.offence_lsoa_code end as offence_lsoa_code,
        case when not affected.is_abroad then affected.offence_postcode_district end as offence_postcode_district,
        homes.postcode_district as home_postcode_district,
        case
            when not affected.is_abroad and (not affected.is_without_victim or agreed.incident_id is not null)
                then affected.borough_named
        end as borough_named,
        affected.force_named
    from affected
    left join agreed on affected.incident_id = agreed.incident_id
    left join {{ ref('stg_linkage__mention_areas') }} as homes
        on
            {{ mention_id('affected.report_id', 'victim') }} = homes.mention_id
            and affected.consent_share_police
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
