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
        unioned.is_online,
        unioned.content_url,
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

-- Whether it is a post, and none of its reports names a person who was attacked. It is a post where any report says
-- that it was online or gives an address.
affected as materialized (
    select
        *,
        coalesce(force_named = 'ABROAD', false) as is_abroad,
        bool_or(
            coalesce(nullif(is_online, 'unknown'), case when content_url is not null then 'yes' end, 'unknown') = 'yes'
        ) over of_incident
        and not bool_or(coalesce(reporter_is_victim, false) or has_victim_details) over of_incident
            as is_without_victim
    from incidents
    {% if is_incremental() %}
        where incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
    window of_incident as (partition by incident_id)
),

-- Strangers who report such a post name each the borough they live in, which is not where it happened.
boroughs as materialized (
    select
        affected.incident_id,
        affected.report_id,
        named.lad_code,
        coalesce(named.lad_code, named.force_code) as place_code
    from affected
    inner join {{ ref('int_reports__named_places') }} as named on affected.borough_named = named.borough_named
    where affected.is_without_victim
),

-- It counts where the report's own text names a place there: a page or group, a street of the town.
named_in_text as (
    select boroughs.report_id
    from boroughs
    inner join {{ ref('stg_linkage__report_text_places') }} as texts
        on boroughs.report_id = texts.report_id and boroughs.lad_code = texts.lad_code
),

-- And where a second report of the post names the same authority, and none another.
counts_by_place as (
    select
        incident_id,
        place_code,
        count(distinct report_id) as count_reports
    from boroughs
    group by incident_id, place_code
),

counts_by_post as (
    select
        incident_id,
        count(distinct report_id) as count_reports
    from boroughs
    group by incident_id
),

agreed as (
    select distinct posts.incident_id
    from counts_by_post as posts
    inner join counts_by_place as places
        on posts.incident_id = places.incident_id and posts.count_reports = places.count_reports
    where posts.count_reports > 1
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
        case when not affected.is_abroad then affected.borough_named end as borough_named,
        affected.is_without_victim
        and affected.incident_id not in (select agreed.incident_id from agreed)
        and affected.report_id not in (select named_in_text.report_id from named_in_text)
            as is_reporters_borough,
        affected.force_named
    from affected
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
    case when reports.is_reporters_borough then 'reporters_borough' else 'borough_named' end as location_evidence,
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
