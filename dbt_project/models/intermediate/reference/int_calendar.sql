{{
    config(
        indexes=[
            {'columns': ['division', 'calendar_on'], 'unique': true},
            {'columns': ['division', 'working_day_number']},
            {'columns': ['division', 'working_seconds_before']},
        ],
    )
}}

-- The calendar ends with the last year whose bank holidays are known: a clock that runs past it has no due time rather
-- than a wrong one. A test fails two years before a delivery could come so far.
with span as (
    select
        date_trunc('year', min(holiday_on)) as first_on,
        date_trunc('year', max(holiday_on)) + interval '1 year' - interval '1 day' as last_on
    from {{ ref('bank_holidays') }}
),

divisions as (
    select distinct division from {{ ref('bank_holidays') }}
),

days as (
    select
        divisions.division,
        cast(series.day_start as date) as calendar_on
    from span
    cross join lateral generate_series(span.first_on, span.last_on, interval '1 day') as series (day_start)
    cross join divisions
),

-- Times on the clock become instants day by day, so that a day on which the clocks change is as long as it is.
worked as (
    select
        days.division,
        days.calendar_on,
        holidays.holiday_name,
        patterns.opens is not null and holidays.holiday_on is null as is_working,
        case
            when holidays.holiday_on is null then (days.calendar_on + patterns.opens) at time zone 'Europe/London'
        end as opens_at,
        case
            when holidays.holiday_on is null then (days.calendar_on + patterns.closes) at time zone 'Europe/London'
        end as closes_at,
        cast(days.calendar_on as timestamp) at time zone 'Europe/London' as starts_at,
        cast(days.calendar_on + 1 as timestamp) at time zone 'Europe/London' as ends_at
    from days
    left join {{ ref('bank_holidays') }} as holidays
        on
            days.division = holidays.division
            and days.calendar_on = holidays.holiday_on
    left join {{ ref('working_patterns') }} as patterns
        on
            extract(isodow from days.calendar_on) = patterns.iso_weekday
            and days.calendar_on >= patterns.valid_from
            and days.calendar_on <= coalesce(patterns.valid_to, days.calendar_on)
            and patterns.pattern_code = 'hub_desk'
),

measured as (
    select
        *,
        coalesce(cast(extract(epoch from closes_at - opens_at) as bigint), 0) as working_seconds
    from worked
)

select
    division,
    calendar_on,
    holiday_name,
    is_working,
    cast(count(*) filter (where is_working) over to_this_day as integer) as working_day_number,
    working_seconds,
    cast(sum(working_seconds) over to_this_day - working_seconds as bigint) as working_seconds_before,
    starts_at,
    opens_at,
    closes_at,
    ends_at
from measured
window to_this_day as (partition by division order by calendar_on)
