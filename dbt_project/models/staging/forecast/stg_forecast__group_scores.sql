with source as (
    select * from {{ source('forecast', 'group_scores') }}
)

select
    run_id,
    group_kind,
    group_code,
    count_areas,
    count_residents,
    count_reports,
    count_caught,
    count_slots
from source
