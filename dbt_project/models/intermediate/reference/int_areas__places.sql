-- Two lists of places by one name: that of authorities, and that of all other places and of names that several have.
select
    written_name,
    force_code,
    lad_code,
    force_share,
    residents >= 10000 as is_well_known
from {{ ref('place_names') }}
union all
select
    authority_names.written_name,
    authorities.force_code,
    authority_names.lad_code,
    1 as force_share,
    true as is_well_known
from {{ ref('local_authority_names') }} as authority_names
inner join {{ ref('local_authorities') }} as authorities on authority_names.lad_code = authorities.lad_code
left join {{ ref('place_names') }} as listed on authority_names.written_name = listed.written_name
where listed.written_name is null
union all
select
    lower(postcode_district) as written_name,
    force_code,
    lad_code,
    force_share,
    false as is_well_known
from {{ ref('int_areas__districts') }}
