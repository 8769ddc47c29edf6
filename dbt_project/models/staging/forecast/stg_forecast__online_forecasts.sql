with source as (
    select * from {{ source('forecast', 'online_forecasts') }}
)

select
    run_id,
    provider_code,
    strand_code,
    community_band,
    week_starts_on,
    expected_reports,
    p05,
    p95,
    growth_13w,
    share_public,
    share_third_party,
    share_volunteer,
    share_police,
    moderation_hours,
    completeness,
    count_authors
from source
