-- Every area there is, by the lists of boundaries: one that never had a report is forecast as well.
{{ config(tags=['hotspot_counts']) }}

with levels as (
    select * from {{ ref('hotspot_levels') }}
    where current_date between valid_from and coalesce(valid_to, 'infinity')
),

profiles as (
    select
        authorities.lad_name,
        authorities.force_code,
        profiles.*
    from {{ ref('local_authorities') }} as authorities
    inner join {{ ref('area_profiles') }} as profiles on authorities.lad_code = profiles.lad_code
    where
        coalesce(authorities.ended_on, 'infinity') >= current_date
        and current_date between profiles.valid_from and coalesce(profiles.valid_to, 'infinity')
),

of_forces as (
    select
        force_code,
        sum(x_km * count_residents) / sum(count_residents) as x_km,
        sum(y_km * count_residents) / sum(count_residents) as y_km,
        sum(area_km2) as area_km2
    from profiles
    group by force_code
),

forces as (
    select
        'force' as area_level,
        known.force_code as area_code,
        known.area_name,
        known.force_code,
        cast(null as text) as lad_code,
        known.population_2021 as count_residents,
        2021 as residents_year,
        'unknown' as community_band,
        of_forces.x_km,
        of_forces.y_km,
        of_forces.area_km2
    from {{ ref('police_forces') }} as known
    inner join of_forces on known.force_code = of_forces.force_code
    where known.force_kind = 'territorial'
),

authorities as (
    select
        'local_authority' as area_level,
        lad_code as area_code,
        lad_name as area_name,
        force_code,
        lad_code,
        count_residents,
        residents_year,
        community_band,
        x_km,
        y_km,
        area_km2
    from profiles
),

lsoas as (
    select
        'lsoa' as area_level,
        lsoas.lsoa_code as area_code,
        profiles.lad_name || ' ' || lsoas.lsoa_code as area_name,
        profiles.force_code,
        lsoas.lad_code,
        cast(null as bigint) as count_residents,
        cast(null as integer) as residents_year,
        profiles.community_band,
        centres.x_km,
        centres.y_km,
        cast(null as double precision) as area_km2
    from {{ ref('int_areas__lsoas') }} as lsoas
    inner join profiles on lsoas.lad_code = profiles.lad_code
    left join {{ ref('lsoa_centres') }} as centres on lsoas.lsoa_code = centres.lsoa_code
),

unioned as (
    select * from forces
    union all
    select * from authorities
    union all
    select * from lsoas
)

select
    unioned.*,
    levels.boundary_version
from unioned
inner join levels
    on
        unioned.area_level = levels.area_level
        and (levels.force_code is null or unioned.force_code = levels.force_code)
