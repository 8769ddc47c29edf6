select
    valid_from,
    valid_to,
    budget_line,
    funding_source,
    figure_kind,
    amount,
    figure_source
from {{ ref('dim_programme_budget') }}
