-- so that both ways in which files write a month mean the same day
{{ config(tags=['macro']) }}

with examples (delivered, expected) as (
    values
    ('2024-02', date '2024-02-01'),
    ('202402', date '2024-02-01'),
    ('202412', date '2024-12-01'),
    (null, cast(null as date))
)

select *
from examples
where {{ month_start('delivered') }} is distinct from expected
