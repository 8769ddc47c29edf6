-- so that criminal incidents are those abroad, those in the United Kingdom and those that await the provider, in every
-- month and every cut: nothing falls between them
select
    month,
    dimension,
    dimension_code
from {{ ref('fct_measures') }}
group by month, dimension, dimension_code
having
    sum(numerator) filter (where measure_code = 'criminal_incidents')
    is distinct from
    sum(numerator) filter (
        where measure_code in ('criminal_abroad', 'criminal_uk', 'criminal_awaiting_provider')
    )
