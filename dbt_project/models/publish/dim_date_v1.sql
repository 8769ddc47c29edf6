select
    calendar_on,
    calendar_year,
    month,
    month_number,
    month_name,
    week_starts_on,
    weekday_number,
    weekday_name,
    financial_year,
    period_code,
    is_working_day,
    holiday_name
from {{ ref('dim_date') }}
