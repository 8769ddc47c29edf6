with source as (
    select * from {{ source('forecast', 'runs') }}
)

select
    run_id,
    panel,
    -- The police's own counts are forecast by small area; what is online has no area.
    case panel when 'recorded_crime' then 'lsoa' when 'online' then null else panel end as area_level,
    cut_off,
    data_sha256,
    boundary_version,
    model_version,
    first_event_on,
    count_areas,
    count_reports,
    completeness,
    share_third_party,
    share_officer_generated,
    share_volunteer,
    is_withheld,
    withheld_because,
    made_at
from source
