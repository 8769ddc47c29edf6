select
    spend_line_id,
    delivery_id,
    row_number,
    line_ref,
    budget_line,
    funding_source,
    budget_amount,
    spent_amount,
    claimed_amount,
    period_month as month,
    claimed_on
from {{ ref('stg_programme_spend') }}
