with counted as (
    select
        *,
        cast(null as numeric) as base_apart
    from {{ ref('agg_measures__incidents') }}
    union all
    select
        *,
        cast(null as numeric) as base_apart
    from {{ ref('agg_measures__victims') }}
    union all
    select * from {{ ref('agg_measures__programme') }}
)

select
    counted.measure_code,
    measures.measure_version,
    counted.month,
    counted.dimension,
    counted.dimension_code,
    measures.outcome_base,
    measures.unit,
    counted.numerator,
    counted.denominator,
    case measures.value_form
        when 'count' then counted.numerator
        when 'share' then round(counted.numerator / nullif(counted.denominator, 0), 6)
        when 'difference' then counted.numerator - counted.denominator
    end as measure_value,
    case measures.base_is
        when 'numerator' then counted.numerator
        when 'denominator' then counted.denominator
        when 'apart' then counted.base_apart
    end as base_size
from counted
inner join {{ ref('dim_measure') }} as measures
    on
        counted.measure_code = measures.measure_code
        and counted.month between measures.valid_from and coalesce(measures.valid_to, 'infinity')
