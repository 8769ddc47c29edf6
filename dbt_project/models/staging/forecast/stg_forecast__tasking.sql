with source as (
    select * from {{ source('forecast', 'tasking') }}
)

select
    run_id,
    slot,
    area_code,
    area_name,
    force_code,
    rank,
    why,
    expected_reports,
    p05,
    p95,
    strands,
    action,
    stability_weeks,
    selection,
    review_by
from source
