select
    force_code,
    force_name,
    area_name,
    force_kind,
    nation,
    population_2021 as count_residents_2021,
    police_uk_slug
from {{ ref('police_forces') }}
