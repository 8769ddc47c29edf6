{{
    config(
        indexes=[
            {'columns': ['area_kind', 'area_code', 'month', 'offence_major', 'offence_minor'], 'unique': true},
        ],
    )
}}

select
    crimes.area_kind,
    crimes.area_code,
    crimes.month,
    crimes.offence_major,
    crimes.offence_minor,
    offences.offence_code,
    crimes.count_offences,
    crimes.delivery_id,
    crimes.row_number
from {{ ref('int_recorded_crime__monthly') }} as crimes
left join {{ ref('offences') }} as offences on crimes.offence_minor = offences.mps_minor_category
