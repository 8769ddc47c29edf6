{{ config(materialized='view') }}

with least_authors as (
    select parameter_value
    from {{ ref('forecast_parameters') }}
    where parameter_code = 'least_authors' and current_date between valid_from and coalesce(valid_to, 'infinity')
),

latest as (
    select *
    from {{ ref('stg_forecast__runs') }}
    where panel = 'online'
    order by cut_off desc, made_at desc, run_id asc
    limit 1
),

-- Cells of fewer authors are left out: a row could be about one of them.
shown as (
    select forecasts.*
    from {{ ref('stg_forecast__online_forecasts') }} as forecasts
    inner join latest on forecasts.run_id = latest.run_id
    cross join least_authors
    where not latest.is_withheld and forecasts.count_authors >= least_authors.parameter_value
)

select
    latest.run_id,
    coalesce(shown.week_starts_on, latest.cut_off) as week_starts_on,
    coalesce(shown.provider_code, 'all') as provider_code,
    coalesce(shown.strand_code, 'all') as strand_code,
    coalesce(shown.community_band, 'all') as community_band,
    shown.expected_reports,
    shown.p05,
    shown.p95,
    shown.growth_13w,
    shown.share_public,
    shown.share_third_party,
    shown.share_volunteer,
    shown.share_police,
    shown.moderation_hours,
    coalesce(shown.completeness, latest.completeness) as completeness,
    shown.count_authors,
    latest.boundary_version,
    latest.model_version,
    latest.cut_off as data_cut_off,
    case
        when latest.is_withheld then 'withheld'
        when shown.run_id is null then 'too_few_authors'
        when coalesce(shown.completeness, latest.completeness) < 0.9 then 'incomplete'
        else 'none'
    end as caveat_code,
    case
        when latest.is_withheld then latest.withheld_because
        when shown.run_id is null then 'no platform, strand and community has enough authors'
        when coalesce(shown.completeness, latest.completeness) < 0.9
            then 'less than nine tenths of the last four weeks is known'
    end as caveat
from latest
left join shown on latest.run_id = shown.run_id
