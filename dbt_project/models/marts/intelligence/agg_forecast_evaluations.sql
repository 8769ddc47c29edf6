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
),

-- A gain is the forecast's figure less a baseline's: beside the baseline's own it would tell the forecast's.
compared as (
    select
        *,
        is_suppressed
        or bool_or(is_suppressed) filter (where method_code = 'stack')
            over (partition by run_id, horizon, budget) as is_gain_suppressed
    from evaluated
)

select
    latest.run_id,
    latest.panel,
    latest.cut_off,
    coalesce(compared.horizon, 'none') as horizon,
    coalesce(compared.method_code, 'none') as method_code,
    coalesce(compared.budget, 0) as budget,
    compared.first_period,
    compared.last_period,
    compared.count_periods,
    latest.count_areas,
    case when not compared.is_suppressed then compared.count_caught end as count_caught,
    case when not compared.is_suppressed then compared.count_reports end as count_reports,
    case when not compared.is_suppressed then compared.hit_rate end as hit_rate,
    case when not compared.is_suppressed then compared.pai end as pai,
    case when not compared.is_suppressed then compared.pei end as pei,
    compared.bits_per_event,
    compared.crps,
    compared.coverage_90,
    compared.coverage_90_promised,
    compared.coverage_90_in_part,
    case
        when not compared.is_suppressed then compared.level_observed_over_expected
    end as level_observed_over_expected,
    case
        when not compared.is_suppressed then compared.top_tenth_observed_over_expected
    end as top_tenth_observed_over_expected,
    case when not compared.is_suppressed then compared.outside_ranges end as outside_ranges,
    compared.bits_gain,
    compared.bits_gain_low,
    compared.bits_gain_high,
    case when not compared.is_gain_suppressed then compared.hit_gain end as hit_gain,
    case when not compared.is_gain_suppressed then compared.hit_gain_low end as hit_gain_low,
    case when not compared.is_gain_suppressed then compared.hit_gain_high end as hit_gain_high,
    coalesce(compared.is_best_baseline, false) as is_best_baseline,
    coalesce(compared.is_suppressed, false) as is_suppressed,
    latest.verdict,
    latest.is_withheld,
    latest.withheld_because,
    left(latest.data_sha256, 12) as data_version,
    latest.boundary_version,
    latest.model_version
from latest
left join compared on latest.run_id = compared.run_id
