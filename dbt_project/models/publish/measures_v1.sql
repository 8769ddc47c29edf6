select
    counted.month,
    counted.measure_code,
    counted.measure_version,
    measures.measure_name,
    measures.success_measure,
    counted.dimension,
    counted.dimension_code,
    counted.outcome_base,
    counted.numerator,
    counted.denominator,
    counted.measure_value,
    counted.base_size,
    counted.unit,
    measures.definition,
    measures.numerator as numerator_definition,
    measures.denominator as denominator_definition,
    measures.base as base_definition,
    measures.measure_source,
    {{ known_issue_ids(
        'measures_v1', month='counted.month', only={'figure': 'counted.measure_code'}
    ) }} as known_issue_ids,
    measures.value_form,
    measures.base_is,
    coalesce(quarantined.count_rows_quarantined, 0) as count_rows_quarantined
from {{ ref('fct_measures') }} as counted
inner join {{ ref('dim_measure') }} as measures
    on counted.measure_code = measures.measure_code and counted.measure_version = measures.measure_version
left join {{ ref('agg_quarantined__monthly') }} as quarantined
    on
        quarantined.view_name = 'measures_v1'
        and counted.measure_code = quarantined.figure
        and counted.month = quarantined.month
