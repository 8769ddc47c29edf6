-- Shares are of figures that are shown, and never of the counts behind them. No median: it is the time of one case.
with scored as (
    select
        area_code as force_code,
        period_code,
        period_start,
        period_end,
        max(public_value) filter (where part_code = 'received') as count_received,
        max(public_value) filter (where part_code = 'due') as count_due,
        max(public_value) filter (where part_code = 'acknowledged') as count_acknowledged,
        max(public_value) filter (where part_code = 'acknowledged_in_time') as count_acknowledged_in_time,
        max(public_value) filter (where part_code = 'outcomes') as count_outcomes
    from {{ ref('agg_protected_figures') }}
    where measure_code = 'force_scorecard'
    group by area_code, period_code, period_start, period_end
)

select
    scored.period_start,
    scored.force_code,
    forces.force_name,
    scored.period_code,
    scored.period_end,
    scored.count_received,
    scored.count_due,
    scored.count_acknowledged,
    scored.count_acknowledged_in_time,
    scored.count_outcomes,
    round(cast(scored.count_acknowledged_in_time as numeric) / nullif(scored.count_due, 0), 6)
        as share_acknowledged_in_time
from scored
inner join {{ ref('dim_force') }} as forces on scored.force_code = forces.force_code
