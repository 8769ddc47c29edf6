{{ config(indexes=[{'columns': ['street_crime_id'], 'unique': true}, {'columns': ['delivery_id']}]) }}

select
    crimes.street_crime_id,
    crimes.delivery_id,
    crimes.row_number,
    crimes.crime_id,
    reporting_forces.force_code,
    area_forces.force_code as area_force_code,
    crimes.lsoa_code,
    crimes.crime_type,
    outcomes.outcome_code,
    crimes.location as location_name,
    crimes.longitude,
    crimes.latitude,
    crimes.month
from {{ ref('stg_police_uk_street') }} as crimes
left join {{ ref('police_force_names') }} as reporting_forces on crimes.reported_by = reporting_forces.written_name
left join {{ ref('police_force_names') }} as area_forces on crimes.falls_within = area_forces.written_name
left join {{ ref('police_uk_outcome_names') }} as outcomes on crimes.last_outcome = outcomes.written_name
