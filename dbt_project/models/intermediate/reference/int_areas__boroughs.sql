with named as (
    select distinct borough_named
    from {{ ref('stg_mps_recorded_crime') }}
    where area_kind = 'borough'
),

-- Materialised, or the name is made comparable once for each pair of a name and a list entry.
written as materialized (
    select
        borough_named,
        {{ comparable_name('borough_named') }} as written_name
    from named
)

select
    written.borough_named,
    coalesce(known_names.lad_code, pseudo_boroughs.area_code, 'NAMED ' || written.borough_named) as area_code,
    known_names.lad_code is not null as is_place
from written
left join {{ ref('local_authority_names') }} as known_names
    on written.written_name = known_names.written_name
left join {{ ref('mps_pseudo_boroughs') }} as pseudo_boroughs
    on written.written_name = pseudo_boroughs.written_name
