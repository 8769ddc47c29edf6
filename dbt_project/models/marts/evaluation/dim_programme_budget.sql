select
    budget_line,
    funding_source,
    figure_kind,
    amount,
    source as figure_source,
    valid_from,
    valid_to
from {{ ref('programme_budget') }}
