-- so that an hour of working time ends when an hour was worked: not at night, on a day off, or an hour off when the
-- clocks change
{{ config(tags=['macro']) }}

with examples (told, division, at, hours, expected) as (
    values
    ('within a day', 'england-and-wales', '2026-06-03 10:00+01', 4, '2026-06-03 14:00+01'),
    ('exactly at closing time', 'england-and-wales', '2026-06-03 10:00+01', 8, '2026-06-03 18:00+01'),
    ('a second more', 'england-and-wales', '2026-06-03 10:00:01+01', 8, '2026-06-04 08:00:01+01'),
    ('begun exactly at closing time', 'england-and-wales', '2026-06-03 18:00+01', 1, '2026-06-04 09:00+01'),
    ('begun exactly at opening time', 'england-and-wales', '2026-06-03 08:00+01', 1, '2026-06-03 09:00+01'),
    ('a whole day from opening', 'england-and-wales', '2026-06-03 08:00+01', 10, '2026-06-03 18:00+01'),
    ('a minute before midnight', 'england-and-wales', '2026-06-03 23:59+01', 1, '2026-06-04 09:00+01'),
    ('a minute after it', 'england-and-wales', '2026-06-04 00:01+01', 1, '2026-06-04 09:00+01'),
    ('past midnight in London, not in UTC', 'england-and-wales', '2026-06-05 23:30+00', 1, '2026-06-08 09:00+01'),
    ('over a weekend', 'england-and-wales', '2026-06-05 17:00+01', 2, '2026-06-08 09:00+01'),
    ('late at night before Christmas', 'england-and-wales', '2026-12-24 23:00+00', 1, '2026-12-29 09:00+00'),
    ('clocks go forward', 'england-and-wales', '2026-03-27 17:00+00', 2, '2026-03-30 09:00+01'),
    ('clocks go back', 'england-and-wales', '2026-10-23 17:00+01', 2, '2026-10-26 09:00+00'),
    ('leap day is worked', 'england-and-wales', '2024-02-28 17:00+00', 11, '2024-02-29 18:00+00'),
    ('Easter Monday is worked in Scotland', 'scotland', '2026-04-02 18:00+01', 1, '2026-04-06 09:00+01'),
    ('and not in England', 'england-and-wales', '2026-04-02 18:00+01', 1, '2026-04-07 09:00+01'),
    ('no time at all', 'england-and-wales', '2026-06-06 12:00+01', 0, '2026-06-06 12:00+01'),
    ('half an hour', 'england-and-wales', '2026-06-03 17:45+01', 0.5, '2026-06-04 08:15+01'),
    ('past the end of the calendar', 'england-and-wales', '2045-12-29 17:00+00', 2, null),
    ('before its beginning', 'england-and-wales', '2015-12-31 12:00+00', 2, null)
),

clocks as (
    select
        examples.told,
        cast(examples.expected as timestamptz) as expected,
        {{
            add_working_hours(
                'cast(examples.at as timestamptz)', 'cast(examples.hours as numeric)', 'examples.division'
            )
        }} as due_at
    from examples
)

select *
from clocks
where due_at is distinct from expected
