-- so that incidents cut by force, provider or source add up to all of them
with sums as (
    select
        measure_code,
        month,
        dimension,
        sum(numerator) as numerator
    from {{ ref('fct_measures') }}
    where measure_code in ('incidents', 'reports', 'criminal_incidents', 'victims_referred')
    group by measure_code, month, dimension
)

select
    cuts.measure_code,
    cuts.month,
    cuts.dimension
from sums as cuts
inner join sums as totals on cuts.measure_code = totals.measure_code and cuts.month = totals.month
where
    totals.dimension = 'all'
    and cuts.dimension in ('force', 'provider', 'source')
    and cuts.numerator <> totals.numerator
