-- so that an amount with thousands separators is that amount, and an empty cell or another text is none
{{ config(tags=['macro']) }}

with examples (delivered, expected) as (
    values
    ('1,277,970.5', 1277970.50),
    ('37729.67', 37729.67),
    ('0', 0.00),
    ('999', 999.00),
    ('1,50', cast(null as numeric)),
    ('some hundreds', cast(null as numeric)),
    ('', cast(null as numeric)),
    ('1.005', cast(null as numeric)),
    (null, cast(null as numeric))
)

select *
from examples
where {{ pounds('delivered') }} is distinct from expected
