{{ config(materialized='view') }}

with latest as (
    select distinct on (panel) *
    from {{ ref('stg_forecast__runs') }}
    order by panel asc, cut_off desc, made_at desc, run_id asc
),

-- A count of 1 to 4 can be worked out from its share, and from what is left of the total.
judged as (
    select
        *,
        count_reports between 1 and 4
        or count_caught between 1 and 4
        or count_reports - count_caught between 1 and 4 as is_suppressed,
        method_code <> 'stack' and bits_per_event = max(bits_per_event) filter (where method_code <> 'stack')
            over (partition by run_id, horizon) as is_best_baseline
    from {{ ref('stg_forecast__evaluations') }}
)

select
    latest.run_id,
    latest.panel,
    latest.cut_off,
    coalesce(judged.horizon, 'none') as horizon,
    coalesce(judged.method_code, 'none') as method_code,
    coalesce(judged.budget, 0) as budget,
    judged.first_period,
    judged.last_period,
    judged.count_periods,
    latest.count_areas,
    case when not judged.is_suppressed then judged.count_caught end as count_caught,
    case when not judged.is_suppressed then judged.count_reports end as count_reports,
    case when not judged.is_suppressed then judged.hit_rate end as hit_rate,
    case when not judged.is_suppressed then judged.pai end as pai,
    case when not judged.is_suppressed then judged.pei end as pei,
    judged.bits_per_event,
    judged.crps,
    judged.coverage_90,
    judged.coverage_90_promised,
    judged.coverage_90_in_part,
    case when not judged.is_suppressed then judged.level_observed_over_expected end as level_observed_over_expected,
    case
        when not judged.is_suppressed then judged.top_tenth_observed_over_expected
    end as top_tenth_observed_over_expected,
    case when not judged.is_suppressed then judged.outside_ranges end as outside_ranges,
    judged.bits_gain,
    judged.bits_gain_low,
    judged.bits_gain_high,
    case when not judged.is_suppressed then judged.hit_gain end as hit_gain,
    case when not judged.is_suppressed then judged.hit_gain_low end as hit_gain_low,
    case when not judged.is_suppressed then judged.hit_gain_high end as hit_gain_high,
    coalesce(judged.is_best_baseline, false) as is_best_baseline,
    coalesce(judged.is_suppressed, false) as is_suppressed,
    latest.verdict,
    latest.is_withheld,
    latest.withheld_because,
    left(latest.data_sha256, 12) as data_version,
    latest.boundary_version,
    latest.model_version
from latest
left join judged on latest.run_id = judged.run_id
