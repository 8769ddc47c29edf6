-- A view, as what it reads is written by the forecasts, not by a build: a decision or a run shows at the next publish.
{{ config(materialized='view') }}

with fewest as (
    select parameter_value
    from {{ ref('forecast_parameters') }}
    where parameter_code = 'least_strand_reports' and current_date between valid_from and coalesce(valid_to, 'infinity')
),

latest as (
    select distinct on (panel) *
    from {{ ref('stg_forecast__runs') }}
    where panel <> 'online'
    order by panel asc, cut_off desc, made_at desc, run_id asc
),

-- Small counts of a strand could tell who reported.
shown as (
    select forecasts.*
    from {{ ref('stg_forecast__area_forecasts') }} as forecasts
    inner join latest on forecasts.run_id = latest.run_id
    cross join fewest
    where
        not latest.is_withheld
        and (forecasts.strand_code = 'all' or forecasts.reports_12m >= fewest.parameter_value)
)

select
    latest.run_id,
    latest.cut_off,
    latest.area_level,
    coalesce(shown.area_code, 'all') as area_code,
    shown.area_name,
    shown.force_code,
    shown.lad_code,
    coalesce(shown.strand_code, 'all') as strand_code,
    coalesce(shown.horizon, 'none') as horizon,
    shown.expected_reports,
    shown.p05,
    shown.p50,
    shown.p95,
    shown.p_at_least_1,
    shown.rate_per_10000,
    shown.rate_year,
    shown.relative_risk,
    shown.prob_in_top_tenth,
    shown.rank,
    shown.rank_p05,
    shown.rank_p95,
    shown.share_long_run,
    shown.share_recent,
    shown.share_neighbours,
    shown.share_citywide,
    shown.share_context,
    -- A count of 1 to 4 of the hub's own reports could tell who reported; those of the police are published by itself.
    case when latest.panel = 'recorded_crime' or shown.reports_4w not between 1 and 4 then shown.reports_4w end
        as reports_4w,
    case when latest.panel = 'recorded_crime' or shown.reports_4w not between 1 and 4 then shown.nowcast_4w end
        as nowcast_4w,
    coalesce(shown.completeness, latest.completeness) as completeness,
    latest.share_third_party,
    latest.share_officer_generated,
    latest.share_volunteer,
    latest.boundary_version,
    latest.model_version,
    latest.cut_off as data_cut_off,
    case
        when latest.is_withheld then 'withheld'
        when coalesce(shown.completeness, latest.completeness) < 0.9 then 'incomplete'
        when shown.reports_12m < 5 then 'few_reports'
        else 'none'
    end as caveat_code,
    case
        when latest.is_withheld then latest.withheld_because
        when coalesce(shown.completeness, latest.completeness) < 0.9
            then 'less than nine tenths of the last four weeks is known'
        when shown.reports_12m < 5 then 'fewer than five reports in twelve months'
    end as caveat,
    latest.panel
from latest
left join shown on latest.run_id = shown.run_id
where latest.is_withheld or shown.run_id is not null
