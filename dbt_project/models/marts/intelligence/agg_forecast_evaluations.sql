{{ config(materialized='view') }}

with latest as (
    select distinct on (panel) *
    from {{ ref('stg_forecast__runs') }}
    order by panel asc, cut_off desc, made_at desc, run_id asc
),

-- A count of 1 to 4 can be worked out from its share, and from what is left of the total.
evaluated as (
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
    coalesce(evaluated.horizon, 'none') as horizon,
    coalesce(evaluated.method_code, 'none') as method_code,
    coalesce(evaluated.budget, 0) as budget,
    evaluated.first_period,
    evaluated.last_period,
    evaluated.count_periods,
    latest.count_areas,
    case when not evaluated.is_suppressed then evaluated.count_caught end as count_caught,
    case when not evaluated.is_suppressed then evaluated.count_reports end as count_reports,
    case when not evaluated.is_suppressed then evaluated.hit_rate end as hit_rate,
    case when not evaluated.is_suppressed then evaluated.pai end as pai,
    case when not evaluated.is_suppressed then evaluated.pei end as pei,
    evaluated.bits_per_event,
    evaluated.crps,
    evaluated.coverage_90,
    evaluated.coverage_90_promised,
    evaluated.coverage_90_in_part,
    case
        when not evaluated.is_suppressed then evaluated.level_observed_over_expected
    end as level_observed_over_expected,
    case
        when not evaluated.is_suppressed then evaluated.top_tenth_observed_over_expected
    end as top_tenth_observed_over_expected,
    case when not evaluated.is_suppressed then evaluated.outside_ranges end as outside_ranges,
    evaluated.bits_gain,
    evaluated.bits_gain_low,
    evaluated.bits_gain_high,
    case when not evaluated.is_suppressed then evaluated.hit_gain end as hit_gain,
    case when not evaluated.is_suppressed then evaluated.hit_gain_low end as hit_gain_low,
    case when not evaluated.is_suppressed then evaluated.hit_gain_high end as hit_gain_high,
    coalesce(evaluated.is_best_baseline, false) as is_best_baseline,
    coalesce(evaluated.is_suppressed, false) as is_suppressed,
    latest.verdict,
    latest.is_withheld,
    latest.withheld_because,
    left(latest.data_sha256, 12) as data_version,
    latest.boundary_version,
    latest.model_version
from latest
left join evaluated on latest.run_id = evaluated.run_id
