select
    counted.period_start,
    counted.measure_code,
    counted.measure_version,
    measures.measure_name,
    measures.success_measure,
    counted.period_code,
    counted.period_end,
    counted.numerator,
    counted.denominator,
    counted.denominator_code,
    counted.measure_value,
    counted.is_suppressed,
    counted.is_protected,
    measures.unit,
    measures.value_form,
    measures.definition
from {{ ref('agg_protected_measures') }} as counted
inner join {{ ref('dim_measure') }} as measures
    on counted.measure_code = measures.measure_code and counted.measure_version = measures.measure_version
