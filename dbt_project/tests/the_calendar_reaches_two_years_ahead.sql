-- so that bank holidays are added long before a due time lies past the last of them: the calendar ends with their last
-- year, and what has been delivered can have happened at the latest a day after its receipt.
with newest as (
    select max(received_at) as received_at
    from {{ ref('stg_ledger__deliveries') }}
),

calendar as (
    select
        division,
        max(calendar_on) as last_on
    from {{ ref('int_calendar') }}
    group by division
)

select
    calendar.division,
    calendar.last_on,
    newest.received_at
from calendar
cross join newest
where calendar.last_on < cast(newest.received_at + interval '2 years' as date)
