{{ config(materialized='view') }}

with latest as (
    select distinct on (panel) *
    from {{ ref('stg_forecast__runs') }}
    order by panel asc, cut_off desc, made_at desc, run_id asc
),

measured as (
    select
        latest.panel,
        latest.cut_off,
        latest.is_withheld,
        latest.withheld_because,
        latest.model_version,
        latest.boundary_version,
        stack.count_periods,
        stack.bits_per_event,
        stack.coverage_90,
        baseline.bits_gain,
        baseline.bits_gain_low,
        baseline.bits_gain_high
    from latest
    left join {{ ref('stg_forecast__evaluations') }} as stack
        on
            latest.run_id = stack.run_id and stack.method_code = 'stack'
            and stack.horizon in ('week', 'month') and stack.budget = 0.05
    left join {{ ref('stg_forecast__evaluations') }} as baseline
        on
            latest.run_id = baseline.run_id and baseline.method_code = 'long_run_mean'
            and stack.horizon = baseline.horizon and stack.budget = baseline.budget
)

select
    record_section,
    record_field,
    record_statement,
    false as is_measured,
    valid_from,
    review_on,
    record_source
from {{ ref('transparency_record') }}
where valid_to is null

union all

select
    'evaluation' as record_section,
    panel as record_field,
    concat_ws(
        ' ',
        case
            when is_withheld then 'Withheld: ' || withheld_because || '.'
            else 'Published.'
        end,
        'Model ' || model_version || ', boundaries ' || boundary_version || '.',
        case
            when bits_per_event is not null
                then
                    round(cast(bits_per_event as numeric), 3) || ' bits a report over ' || count_periods
                    || ' periods, ' || round(cast(bits_gain as numeric), 3) || ' ('
                    || round(cast(bits_gain_low as numeric), 3) || ' to '
                    || round(cast(bits_gain_high as numeric), 3) || ') more than the long-run mean; '
                    || round(cast(100 * coverage_90 as numeric), 1) || '% of counts inside the 90% interval.'
        end
    ) as record_statement,
    true as is_measured,
    cut_off as valid_from,
    cast(null as date) as review_on,
    'The walk-forward test of the run' as record_source
from measured
