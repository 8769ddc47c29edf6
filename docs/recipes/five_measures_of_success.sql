-- How is the hub doing on the five measures of success, month by month, and what changed against the month before?
-- base_size says how many the value rests on; with fewer than 30, say so beside the figure.
select
    success_measure,
    measure_name,
    month,
    measure_value,
    unit,
    base_size,
    base_definition,
    measure_value - lag(measure_value) over by_month as change_against_month_before
from publish.measures_v1
where success_measure is not null and dimension = 'all'
window by_month as (partition by measure_code, outcome_base order by month)
order by success_measure, measure_name, month;
