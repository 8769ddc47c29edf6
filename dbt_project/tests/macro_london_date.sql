-- so that what is reported after midnight in London in summer is of that day, though it is yesterday in UTC
{{ config(tags=['macro']) }}

with examples (at, expected) as (
    values
    ('2026-06-03 23:30+00', '2026-06-04'),
    ('2026-12-03 23:30+00', '2026-12-03'),
    ('2026-06-04 00:30+02', '2026-06-03'),
    (null, null)
)

select *
from examples
where {{ london_date('cast(at as timestamptz)') }} is distinct from cast(expected as date)
