-- so that a clock of the Victims' Code counts working days and nothing else, and ends at midnight in London
{{ config(tags=['macro']) }}

with examples (told, division, at, days, expected) as (
    values
    ('tomorrow', 'england-and-wales', '2026-06-03 10:00+01', 1, '2026-06-05 00:00+01'),
    ('the same day', 'england-and-wales', '2026-06-03 10:00+01', 0, '2026-06-04 00:00+01'),
    ('the same day, on a day off', 'england-and-wales', '2026-06-06 10:00+01', 0, '2026-06-09 00:00+01'),
    ('from a Saturday', 'england-and-wales', '2026-06-06 10:00+01', 1, '2026-06-09 00:00+01'),
    ('from a Friday night', 'england-and-wales', '2026-06-05 23:59+01', 1, '2026-06-09 00:00+01'),
    ('Monday in London, Sunday in UTC', 'england-and-wales', '2026-06-07 23:30+00', 1, '2026-06-10 00:00+01'),
    ('late at night before Christmas', 'england-and-wales', '2026-12-24 23:59+00', 1, '2026-12-30 00:00+00'),
    ('three holidays and two weekends', 'england-and-wales', '2026-12-24 09:00+00', 5, '2027-01-06 00:00+00'),
    ('the 2nd of January in Scotland', 'scotland', '2024-01-01 09:00+00', 1, '2024-01-04 00:00+00'),
    ('clocks go forward', 'england-and-wales', '2026-03-27 09:00+00', 1, '2026-03-31 00:00+01'),
    ('due on the eve of the change', 'england-and-wales', '2026-10-22 09:00+01', 1, '2026-10-24 00:00+01'),
    ('clocks go back', 'england-and-wales', '2026-10-23 09:00+01', 1, '2026-10-27 00:00+00'),
    ('leap day counts', 'england-and-wales', '2024-02-28 09:00+00', 1, '2024-03-01 00:00+00'),
    ('the funeral of the Queen', 'england-and-wales', '2022-09-16 09:00+01', 1, '2022-09-21 00:00+01'),
    ('VE day, moved to a Friday', 'england-and-wales', '2020-05-07 09:00+01', 1, '2020-05-12 00:00+01'),
    ('past the end of the calendar', 'england-and-wales', '2045-12-28 12:00+00', 2, null)
),

clocks as (
    select
        examples.told,
        cast(examples.expected as timestamptz) as expected,
        {{
            add_working_days('cast(examples.at as timestamptz)', 'examples.days', 'examples.division')
        }} as due_at
    from examples
)

select *
from clocks
where due_at is distinct from expected
