with authorities as (
    select
        lad_code as area_code,
        'local_authority' as area_level,
        lad_name as area_name,
        lad_code,
        csp_code,
        force_code,
        ended_on
    from {{ ref('local_authorities') }}
),

-- The list of forces also has some without an area of their own, such as the railways', and ABROAD for another country.
-- They are counted, but are no place on a map.
forces as (
    select
        force_code as area_code,
        case force_kind when 'territorial' then 'force' else 'not_a_place' end as area_level,
        coalesce(area_name, force_name) as area_name,
        cast(null as text) as lad_code,
        cast(null as text) as csp_code,
        force_code,
        cast(null as date) as ended_on
    from {{ ref('police_forces') }}
),

-- From both: London's newer small areas are in no list of the whole country, only in the files (int_areas__names).
lsoa_codes as (
    select lsoa_code from {{ ref('int_areas__lsoas') }}
    union
    select lsoa_code from {{ ref('int_areas__names') }}
),

lsoas as (
    select
        codes.lsoa_code as area_code,
        'lsoa' as area_level,
        known_names.lsoa_name as area_name,
        places.lad_code,
        authorities.csp_code,
        authorities.force_code,
        cast(null as date) as ended_on
    from lsoa_codes as codes
    left join {{ ref('int_areas__lsoas') }} as places on codes.lsoa_code = places.lsoa_code
    left join {{ ref('int_areas__names') }} as known_names on codes.lsoa_code = known_names.lsoa_code
    left join authorities on places.lad_code = authorities.area_code
),

-- "Unknown", airports, and boroughs under a name that no list has (whose code int_areas__boroughs begins with NAMED):
-- counted, but no place on a map. Only files of the Metropolitan Police (E23000001) have them.
not_places as (
    select
        area_code,
        'not_a_place' as area_level,
        area_name,
        cast(null as text) as lad_code,
        cast(null as text) as csp_code,
        'E23000001' as force_code,
        cast(null as date) as ended_on
    from {{ ref('mps_pseudo_boroughs') }}
    union all
    select
        area_code,
        'not_a_place' as area_level,
        borough_named as area_name,
        cast(null as text) as lad_code,
        cast(null as text) as csp_code,
        'E23000001' as force_code,
        cast(null as date) as ended_on
    from {{ ref('int_areas__boroughs') }}
    where area_code like 'NAMED %'
),

listed as (
    select * from authorities
    union all
    select * from forces
    union all
    select * from lsoas
    union all
    select * from not_places
)

select
    listed.area_code,
    listed.area_level,
    listed.area_name,
    listed.lad_code,
    listed.csp_code,
    listed.force_code,
    centres.count_residents,
    centres.easting,
    centres.northing,
    centres.longitude,
    centres.latitude,
    tiles.map_code as tile_map_code,
    tiles.tile_label,
    tiles.tile_column,
    tiles.tile_row,
    listed.ended_on
from listed
left join {{ ref('int_areas__centres') }} as centres on listed.area_code = centres.area_code
left join {{ ref('map_tiles') }} as tiles
    on
        listed.area_code = tiles.area_code
        and current_date between tiles.valid_from and coalesce(tiles.valid_to, 'infinity')
