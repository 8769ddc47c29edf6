select
    areas.area_code,
    areas.area_level,
    areas.area_name,
    -- "Bristol" for "Bristol, City of". A small area that no file names goes by its authority and code.
    case
        when areas.area_level <> 'lsoa'
            then coalesce(regexp_replace(areas.area_name, ', (City|County) of$', ''), areas.area_code)
        else coalesce(
            areas.area_name,
            regexp_replace(authorities.area_name, ', (City|County) of$', '') || ' ' || areas.area_code,
            areas.area_code
        )
    end as area_label,
    areas.lad_code,
    authorities.area_name as lad_name,
    areas.csp_code,
    areas.force_code,
    forces.force_name,
    areas.count_residents,
    areas.easting,
    areas.northing,
    areas.longitude,
    areas.latitude,
    areas.tile_map_code,
    areas.tile_label,
    areas.tile_column,
    areas.tile_row,
    case
        when areas.tile_column is not null
            then
                format(
                    'POLYGON((%1$s %4$s, %2$s %4$s, %2$s %3$s, %1$s %3$s, %1$s %4$s))',
                    areas.tile_column, areas.tile_column + 1, -areas.tile_row, -areas.tile_row - 1
                )
    end as tile_wkt,
    areas.ended_on
from {{ ref('dim_area') }} as areas
left join {{ ref('dim_area') }} as authorities on areas.lad_code = authorities.area_code
left join {{ ref('dim_force') }} as forces on areas.force_code = forces.force_code
-- Of the country's 36,000 small areas those that another view can name: London's, and what a published file names.
where areas.area_level <> 'lsoa' or areas.easting is not null or areas.area_name is not null
