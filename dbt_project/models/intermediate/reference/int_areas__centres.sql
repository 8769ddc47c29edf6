-- A force is where most of its people live, so that its point lies among them.
with authorities as (
    select
        profiles.lad_code,
        authorities.force_code,
        profiles.count_residents,
        profiles.x_km,
        profiles.y_km,
        profiles.longitude,
        profiles.latitude
    from {{ ref('area_profiles') }} as profiles
    inner join {{ ref('local_authorities') }} as authorities on profiles.lad_code = authorities.lad_code
    where
        coalesce(authorities.ended_on, 'infinity') >= current_date
        and current_date between profiles.valid_from and coalesce(profiles.valid_to, 'infinity')
),

centres as (
    select
        lad_code as area_code,
        count_residents,
        x_km,
        y_km,
        longitude,
        latitude
    from authorities
    union all
    select
        force_code as area_code,
        cast(sum(count_residents) as bigint) as count_residents,
        sum(x_km * count_residents) / sum(count_residents) as x_km,
        sum(y_km * count_residents) / sum(count_residents) as y_km,
        sum(longitude * count_residents) / sum(count_residents) as longitude,
        sum(latitude * count_residents) / sum(count_residents) as latitude
    from authorities
    group by force_code
    union all
    select
        lsoa_code as area_code,
        cast(null as bigint) as count_residents,
        x_km,
        y_km,
        longitude,
        latitude
    from {{ ref('lsoa_centres') }}
)

select
    area_code,
    count_residents,
    cast(round(x_km * 1000) as integer) as easting,
    cast(round(y_km * 1000) as integer) as northing,
    cast(round(cast(longitude as numeric), 4) as double precision) as longitude,
    cast(round(cast(latitude as numeric), 4) as double precision) as latitude
from centres
