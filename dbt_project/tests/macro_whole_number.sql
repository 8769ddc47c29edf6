-- so that a count with a thousands separator, a blank or a decimal zero is that count, and an empty cell is none
{{ config(tags=['macro']) }}

with examples (delivered, expected) as (
    values
    ('1,382', 1382),
    ('0', 0),
    ('7.0', 7),
    ('10', 10),
    (' 12 ', 12),
    ('', cast(null as integer)),
    (null, cast(null as integer))
)

select *
from examples
where {{ whole_number('delivered') }} is distinct from expected
