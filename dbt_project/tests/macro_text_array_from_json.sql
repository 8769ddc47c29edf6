-- so that a list in a cell is a list, and an empty cell is no list rather than an empty one
{{ config(tags=['macro']) }}

with examples (delivered, expected) as (
    values
    ('["b", "a", "b"]', array['a', 'b']),
    ('[ ]', cast(array[] as text[])),
    ('["O''Neill | \"x\""]', array['O''Neill | "x"']),
    (null, cast(null as text[]))
)

select *
from examples
where {{ text_array_from_json('delivered') }} is distinct from expected
