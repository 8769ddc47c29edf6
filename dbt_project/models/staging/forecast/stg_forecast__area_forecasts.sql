with source as (
    select * from {{ source('forecast', 'area_forecasts') }}
)

select
    run_id,
    area_code,
    strand_code,
    horizon,
    area_name,
    force_code,
    lad_code,
    expected_reports,
    p05,
    p50,
    p95,
    p_at_least_1,
    rate_per_10000,
    rate_year,
    relative_risk,
    prob_in_top_tenth,
    rank,
    rank_p05,
    rank_p95,
    share_long_run,
    share_recent,
    share_neighbours,
    share_citywide,
    -- Earlier models knew no other counts.
    coalesce(share_context, 0) as share_context,
    reports_4w,
    reports_12m,
    nowcast_4w,
    completeness
from source
