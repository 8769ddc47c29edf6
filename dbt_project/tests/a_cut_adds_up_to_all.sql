-- so that every cut but that by strand adds up to all, in what is counted and in what it is counted of
with sums as (
    select
        measure_code,
        month,
        dimension,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(base_size) as base_size
    from {{ ref('fct_measures') }}
    where dimension <> 'strand'
    group by measure_code, month, dimension
)

select
    cuts.measure_code,
    cuts.month,
    cuts.dimension
from sums as cuts
left join sums as totals
    on
        cuts.measure_code = totals.measure_code
        and cuts.month = totals.month
        and totals.dimension = 'all'
where
    (cuts.numerator, cuts.denominator, cuts.base_size)
    is distinct from (totals.numerator, totals.denominator, totals.base_size)
