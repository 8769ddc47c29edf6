select
    force_code,
    force_name,
    area_name,
    force_kind,
    nation,
    count_residents_2021
from {{ ref('dim_force') }}
