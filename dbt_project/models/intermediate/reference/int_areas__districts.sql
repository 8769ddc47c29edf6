select
    postcode_district,
    force_code,
    lad_code,
    force_share
from {{ ref('border_districts') }}
union all
select
    districts.postcode_district,
    districts.force_code,
    districts.lad_code,
    1 as force_share
from {{ ref('postcode_districts') }} as districts
left join {{ ref('border_districts') }} as borders on districts.postcode_district = borders.postcode_district
where borders.postcode_district is null and districts.force_code is not null
