select
    crimes.month,
    crimes.area_kind,
    crimes.area_code,
    areas.area_name,
    areas.lad_code,
    crimes.offence_major,
    crimes.offence_minor,
    crimes.offence_code,
    crimes.count_offences
from {{ ref('fct_recorded_crime') }} as crimes
left join {{ ref('dim_area') }} as areas on crimes.area_code = areas.area_code
