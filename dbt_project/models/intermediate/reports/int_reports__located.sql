{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['report_id'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['report_ref']},
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

affected as (
    select * from incidents
    {% if is_incremental() %}
        where incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

-- Materialised, or the name is made comparable once for each pair of a name and a list entry. A home is personal:
-- without consent to share with the police it tells nothing. A place abroad is in none of the hub's lists, also where
-- it is called like one of them.
reports as materialized (
    select
        unioned.report_id,
        unioned.incident_id,
        unioned.report_ref,
        unioned.offence_lsoa_code,
        unioned.offence_postcode_district,
        homes.postcode_district as home_postcode_district,
        unioned.force_named,
        unioned.reported_at,
        coalesce(unioned.force_named = 'ABROAD', false) as is_abroad,
        coalesce(unioned.is_online, 'unknown') as is_online,
        {{ written_name('unioned.borough_named') }} as written_borough
    from affected as unioned
    left join {{ ref('stg_linkage__mention_areas') }} as homes
        on
            {{ mention_id('unioned.report_id', 'victim') }} = homes.mention_id
            and unioned.consent_share_police
),

ladders as (
    select
        is_online,
        valid_from,
        coalesce(valid_to, 'infinity') as valid_to,
        min(evidence_rank) filter (where location_evidence = 'offence_lsoa') as rank_of_lsoa,
        min(evidence_rank) filter (where location_evidence = 'offence_postcode_district') as rank_of_district,
        min(evidence_rank) filter (where location_evidence = 'victim_home') as rank_of_home,
        min(evidence_rank) filter (where location_evidence = 'borough_named') as rank_of_borough,
        min(evidence_rank) filter (where location_evidence = 'force_named') as rank_of_force_named
    from {{ ref('evidence_ladder') }}
    group by is_online, valid_from, coalesce(valid_to, 'infinity')
),

-- A place that no list knows counts as no evidence, and the next grade is tried.
evidence as (
    select
        reports.report_id,
        reports.incident_id,
        reports.report_ref,
        reports.reported_at,
        reports.is_online,
        case when by_lsoa.force_code is not null then reports.offence_lsoa_code end as offence_lsoa_code,
        by_lsoa.force_code as force_by_lsoa,
        by_lsoa.lad_code as lad_by_lsoa,
        by_district.force_code as force_by_district,
        by_district.lad_code as lad_by_district,
        by_home.force_code as force_by_home,
        by_home.lad_code as lad_by_home,
        by_borough.force_code as force_by_borough,
        by_borough.lad_code as lad_by_borough,
        reports.force_named,
        coalesce(
            reports.offence_lsoa_code, reports.offence_postcode_district, reports.home_postcode_district,
            reports.written_borough
        ) is not null as has_place
    from reports
    left join {{ ref('int_areas__lsoas') }} as lsoas
        on reports.offence_lsoa_code = lsoas.lsoa_code and not reports.is_abroad
    left join {{ ref('local_authorities') }} as by_lsoa
        on lsoas.lad_code = by_lsoa.lad_code
    left join {{ ref('postcode_districts') }} as by_district
        on reports.offence_postcode_district = by_district.postcode_district and not reports.is_abroad
    left join {{ ref('postcode_districts') }} as by_home
        on reports.home_postcode_district = by_home.postcode_district
    left join {{ ref('local_authority_names') }} as known_names
        on reports.written_borough = known_names.written_name and not reports.is_abroad
    left join {{ ref('local_authorities') }} as by_borough
        on known_names.lad_code = by_borough.lad_code
),

ranked as (
    select
        evidence.*,
        ladders.rank_of_lsoa,
        ladders.rank_of_district,
        ladders.rank_of_home,
        ladders.rank_of_borough,
        ladders.rank_of_force_named,
        least(
            case when evidence.force_by_lsoa is not null then ladders.rank_of_lsoa end,
            case when evidence.force_by_district is not null then ladders.rank_of_district end,
            case when evidence.force_by_home is not null then ladders.rank_of_home end,
            case when evidence.force_by_borough is not null then ladders.rank_of_borough end,
            case when evidence.force_named is not null then ladders.rank_of_force_named end
        ) as best_rank
    from evidence
    left join ladders
        on
            evidence.is_online = ladders.is_online
            and {{ london_date('evidence.reported_at') }} between ladders.valid_from and ladders.valid_to
),

graded as (
    select
        *,
        case best_rank
            when rank_of_lsoa then 'offence_lsoa'
            when rank_of_district then 'offence_postcode_district'
            when rank_of_home then 'victim_home'
            when rank_of_borough then 'borough_named'
            when rank_of_force_named then 'force_named'
            else 'none'
        end as location_evidence
    from ranked
)

select
    report_id,
    incident_id,
    report_ref,
    location_evidence,
    case
        when location_evidence = 'force_named' and force_named = 'ABROAD' then 'abroad'
        when location_evidence <> 'none' then 'located'
        when has_place then 'not_in_hub_areas'
        else 'not_stated'
    end as location_status,
    case location_evidence
        when 'offence_lsoa' then force_by_lsoa
        when 'offence_postcode_district' then force_by_district
        when 'victim_home' then force_by_home
        when 'borough_named' then force_by_borough
        when 'force_named' then force_named
    end as force_code,
    case location_evidence
        when 'offence_lsoa' then lad_by_lsoa
        when 'offence_postcode_district' then lad_by_district
        when 'victim_home' then lad_by_home
        when 'borough_named' then lad_by_borough
    end as lad_code,
    offence_lsoa_code,
    force_by_lsoa,
    lad_by_lsoa,
    force_by_district,
    lad_by_district,
    force_by_home,
    lad_by_home,
    force_by_borough,
    lad_by_borough,
    force_named,
    is_online,
    reported_at
from graded
