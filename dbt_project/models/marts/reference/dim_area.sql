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

-- Areas in the files come first, because London's newer ones are in no list of the whole country.
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
        lsoas.lad_code,
        authorities.csp_code,
        authorities.force_code,
        cast(null as date) as ended_on
    from lsoa_codes as codes
    left join {{ ref('int_areas__lsoas') }} as lsoas on codes.lsoa_code = lsoas.lsoa_code
    left join {{ ref('int_areas__names') }} as known_names on codes.lsoa_code = known_names.lsoa_code
    left join authorities on lsoas.lad_code = authorities.area_code
),

-- "Unknown", airports, and boroughs under a name that no list has: counted, but no place on a map.
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
)

select * from authorities
union all
select * from lsoas
union all
select * from not_places
