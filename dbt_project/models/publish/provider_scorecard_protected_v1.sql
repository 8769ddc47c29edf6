-- Shares are of figures that are shown, and never of the counts behind them. No median: it is the time of one case.
with scored as (
    select
        split_part(area_code, '|', 1) as provider_code,
        split_part(area_code, '|', 2) as duty,
        split_part(area_code, '|', 3) as route,
        period_code,
        period_start,
        period_end,
        max(public_value) filter (where part_code = 'received') as count_received,
        max(public_value) filter (where part_code = 'due') as count_due,
        max(public_value) filter (where part_code = 'acknowledged') as count_acknowledged,
        max(public_value) filter (where part_code = 'acknowledged_in_time') as count_acknowledged_in_time,
        max(public_value) filter (where part_code = 'outcomes') as count_outcomes,
        max(public_value) filter (where part_code = 'removed') as count_removed
    from {{ ref('agg_protected_figures') }}
    where measure_code = 'provider_scorecard'
    group by area_code, period_code, period_start, period_end
)

select
    scored.period_start,
    scored.provider_code,
    providers.provider_name,
    scored.duty,
    scored.route,
    scored.period_code,
    scored.period_end,
    scored.count_received,
    scored.count_due,
    scored.count_acknowledged,
    scored.count_acknowledged_in_time,
    scored.count_outcomes,
    scored.count_removed,
    round(cast(scored.count_acknowledged_in_time as numeric) / nullif(scored.count_due, 0), 6)
        as share_acknowledged_in_time
from scored
inner join {{ ref('dim_provider') }} as providers on scored.provider_code = providers.provider_code
