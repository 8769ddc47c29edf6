-- so that an area has one figure for one horizon, whichever view one looks at
select
    slots.run_id,
    slots.slot
from {{ ref('agg_hotspot_tasking') }} as slots
inner join {{ ref('stg_forecast__area_forecasts') }} as forecasts
    on
        slots.run_id = forecasts.run_id
        and slots.area_code = forecasts.area_code
        and slots.horizon = forecasts.horizon
        and forecasts.strand_code = 'all'
where
    (slots.expected_reports, slots.p05, slots.p95, slots.rank)
    is distinct from (forecasts.expected_reports, forecasts.p05, forecasts.p95, forecasts.rank)
