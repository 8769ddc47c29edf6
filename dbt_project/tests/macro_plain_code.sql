{{ config(tags=['macro']) }}

-- so that a code is found in a list however it was typed.
with codes as (
    select
        delivered,
        expected
    from (
        values
        ('SW1A', 'SW1A'),
        (' sw1a', 'SW1A'),
        ('Sw1a' || chr(160), 'SW1A'),
        (chr(9) || 'e01000001 ', 'E01000001'),
        (null, null)
    ) as examples (delivered, expected)
)

select *
from codes
where {{ plain_code('delivered') }} is distinct from expected
