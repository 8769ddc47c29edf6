-- What a BI tool with a shared address sees of forecasts: the first of each issue, of local authorities and all
-- strands, in the steps of the public statistics. An exact figure of each week would say what its reports added to it.
{{ config(materialized='view') }}

with parameters as (
    select
        max(parameter_value) filter (where parameter_code = 'threshold') as threshold,
        max(parameter_value) filter (where parameter_code = 'rounding_base') as rounding_base,
        max(parameter_value) filter (where parameter_code = 'months_per_issue') as months_per_issue
    from {{ ref('disclosure_parameters') }}
    where current_date between valid_from and coalesce(valid_to, 'infinity')
),

-- A run that is made again, or for an earlier day of the same months, comes too late for the issue.
runs as (
    select
        runs.*,
        div(extract(year from runs.cut_off) * 12 + extract(month from runs.cut_off) - 1, parameters.months_per_issue)
            as issue_number
    from {{ ref('stg_forecast__runs') }} as runs
    cross join parameters
    where runs.panel = 'local_authority'
),

issued as (
    select distinct on (panel) *
    from runs
    order by panel asc, issue_number desc, made_at asc, run_id asc
),

forecasts as (
    select *
    from {{ ref('stg_forecast__area_forecasts') }}
    where strand_code = 'all' and horizon = 'four_weeks'
)

select
    issued.cut_off,
    coalesce(forecasts.area_code, 'all') as area_code,
    forecasts.area_name,
    forecasts.force_code,
    case
        when forecasts.expected_reports >= parameters.threshold
            then cast(
                round(forecasts.expected_reports / parameters.rounding_base) * parameters.rounding_base as integer
            )
    end as expected_reports,
    coalesce(forecasts.expected_reports < parameters.threshold, false) as is_suppressed,
    issued.is_withheld,
    issued.withheld_because,
    issued.boundary_version,
    issued.model_version
from issued
cross join parameters
left join forecasts on issued.run_id = forecasts.run_id and not issued.is_withheld
where issued.is_withheld or forecasts.run_id is not null
