select
    month,
    line_ref,
    budget_line,
    funding_source,
    budget_amount,
    spent_amount,
    claimed_amount,
    claimed_on
from {{ ref('fct_programme_spend') }}
