-- so that the working time between two moments is what was worked between them, in whatever order and zone they come
{{ config(tags=['macro']) }}

with examples (told, from_at, to_at, expected) as (
    values
    ('an hour', '2026-06-03 10:00+01', '2026-06-03 11:00+01', 3600),
    ('a night', '2026-06-03 17:00+01', '2026-06-04 09:00+01', 7200),
    ('a weekend', '2026-06-05 18:00+01', '2026-06-08 08:00+01', 0),
    ('clocks go back in between', '2026-10-23 17:00+01', '2026-10-26 09:00+00', 7200),
    ('outside of hours on both sides', '2026-06-03 06:00+01', '2026-06-03 22:00+01', 36000),
    ('backwards', '2026-06-03 11:00+01', '2026-06-03 10:00+01', -3600),
    ('from an unknown time', null, '2026-06-03 10:00+01', null)
),

clocks as (
    select
        examples.told,
        examples.expected,
        {{ working_seconds_at('cast(examples.to_at as timestamptz)') }}
        - {{ working_seconds_at('cast(examples.from_at as timestamptz)') }} as worked
    from examples
)

select *
from clocks
where worked is distinct from expected
