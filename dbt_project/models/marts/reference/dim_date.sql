-- From the first month that a feed may speak of to the end of the year after the data: BI tools offer all days.
with span as (
    select cast(date_trunc('year', data_as_of at time zone 'Europe/London') + interval '2 years' as date) as ends_before
    from {{ ref('dim_as_of') }}
),

days as (
    select cast(series.day_start as date) as calendar_on
    from span
    cross join
        lateral generate_series(
            timestamp '2008-01-01', span.ends_before - interval '1 day', interval '1 day'
        ) as series (day_start)
),

-- The financial year begins in April: three months earlier, it is a calendar year.
financial as (
    select
        calendar_on,
        cast(extract(year from calendar_on - interval '3 months') as integer) as financial_year_number,
        cast(extract(quarter from calendar_on - interval '3 months') as integer) as financial_quarter_number
    from days
)

select
    financial.calendar_on,
    cast(extract(year from financial.calendar_on) as integer) as calendar_year,
    cast(date_trunc('month', financial.calendar_on) as date) as month,
    cast(extract(month from financial.calendar_on) as integer) as month_number,
    to_char(financial.calendar_on, 'FMMonth') as month_name,
    cast(date_trunc('week', financial.calendar_on) as date) as week_starts_on,
    cast(extract(isodow from financial.calendar_on) as integer) as weekday_number,
    to_char(financial.calendar_on, 'FMDay') as weekday_name,
    financial.financial_year_number || '/' || lpad(cast((financial.financial_year_number + 1) % 100 as text), 2, '0')
        as financial_year,
    financial.financial_year_number || '/' || lpad(cast((financial.financial_year_number + 1) % 100 as text), 2, '0')
    || ' Q' || financial.financial_quarter_number as period_code,
    calendar.is_working as is_working_day,
    calendar.holiday_name
from financial
left join {{ ref('int_calendar') }} as calendar
    on financial.calendar_on = calendar.calendar_on and calendar.division = 'england-and-wales'
