with source as (
    select * from {{ source('forecast', 'evaluations') }}
)

select
    run_id,
    horizon,
    method_code,
    budget,
    first_period,
    last_period,
    count_periods,
    count_areas,
    count_caught,
    count_reports,
    hit_rate,
    pai,
    pei,
    bits_per_event,
    crps,
    coverage_90,
    coverage_90_promised,
    coverage_90_in_part,
    level_observed_over_expected,
    top_tenth_observed_over_expected,
    outside_ranges,
    bits_gain,
    bits_gain_low,
    bits_gain_high,
    hit_gain,
    hit_gain_low,
    hit_gain_high
from source
