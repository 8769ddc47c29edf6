select
    measure_code,
    measure_version,
    measure_name,
    success_measure,
    definition,
    numerator,
    denominator,
    base,
    base_is,
    unit,
    value_form,
    outcome_base,
    source as measure_source,
    valid_from,
    valid_to
from {{ ref('measures') }}
