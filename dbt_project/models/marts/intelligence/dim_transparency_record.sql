{{ config(materialized='view') }}

with latest as (
    select distinct on (panel) *
    from {{ ref('stg_forecast__runs') }}
    order by panel asc, cut_off desc, made_at desc, run_id asc
),

-- What a forecast must surely beat, whichever is best on the same periods.
best_baselines as (
    select distinct on (run_id, horizon) *
    from {{ ref('stg_forecast__evaluations') }}
    where method_code <> 'stack' and budget = 0.05
    order by run_id asc, horizon asc, bits_per_event desc nulls last, method_code asc
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
        baseline.method_code as baseline_code,
        baseline.bits_per_event as baseline_bits,
        baseline.bits_gain,
        baseline.bits_gain_low,
        baseline.bits_gain_high
    from latest
    left join {{ ref('stg_forecast__evaluations') }} as stack
        on
            latest.run_id = stack.run_id and stack.method_code = 'stack'
            and stack.horizon in ('week', 'month') and stack.budget = 0.05
    left join best_baselines as baseline
        on latest.run_id = baseline.run_id and stack.horizon = baseline.horizon
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
where current_date between valid_from and coalesce(valid_to, 'infinity')

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
                    || ' periods, ' || round(cast(baseline_bits as numeric), 3) || ' by the best baseline, '
                    || replace(baseline_code, '_', ' ') || '; difference ' || round(cast(bits_gain as numeric), 3)
                    || ' (' || round(cast(bits_gain_low as numeric), 3) || ' to '
                    || round(cast(bits_gain_high as numeric), 3) || '); '
                    || round(cast(100 * coverage_90 as numeric), 1) || '% of counts inside the 90% interval.'
        end
    ) as record_statement,
    true as is_measured,
    cut_off as valid_from,
    cast(null as date) as review_on,
    'The walk-forward test of the run' as record_source
from measured
