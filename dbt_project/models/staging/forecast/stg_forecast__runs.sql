with source as (
    select * from {{ source('forecast', 'runs') }}
)

select
    run_id,
    panel,
    -- A panel has the name of its areas, but for the police's own counts (by LSOA) and what is said online (no area).
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
    verdict,
    is_withheld,
    withheld_because,
    made_at
from source
