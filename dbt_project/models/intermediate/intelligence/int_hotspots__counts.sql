{{ config(tags=['hotspot_counts'], indexes=[{'columns': ['area_level', 'strand_code', 'week_starts_on']}]) }}

with placed as (
    select
        incidents.report_origin,
        incidents.is_trained_on,
        incidents.strands,
        places.area_level,
        places.area_code,
        cast(date_trunc('week', incidents.occurred_on) as date) as week_starts_on,
        cast(date_trunc('week', incidents.known_on) as date) as known_week_starts_on
    from {{ ref('int_hotspots__incidents') }} as incidents
    cross join
        lateral (
            values
            ('force', incidents.force_code),
            ('local_authority', incidents.lad_code),
            ('lsoa', incidents.lsoa_code)
        ) as places (area_level, area_code)
    inner join {{ ref('int_hotspots__areas') }} as areas
        on places.area_level = areas.area_level and places.area_code = areas.area_code
)

select
    placed.area_level,
    placed.area_code,
    codes.strand_code,
    placed.week_starts_on,
    placed.known_week_starts_on,
    count(*) filter (where placed.is_trained_on) as count_reports,
    count(*) filter (where placed.is_trained_on and placed.report_origin = 'third_party') as count_third_party,
    count(*) filter (where placed.report_origin = 'officer') as count_officer_generated,
    count(*) filter (where placed.report_origin = 'volunteer') as count_volunteer
from placed
-- A report of two strands counts once in all, and once in each.
cross join lateral unnest(array_append(placed.strands, 'all')) as codes (strand_code)
group by
    placed.area_level,
    placed.area_code,
    codes.strand_code,
    placed.week_starts_on,
    placed.known_week_starts_on
