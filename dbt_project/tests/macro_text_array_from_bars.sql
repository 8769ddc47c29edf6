-- so that a strand counts once for a report, however often and in whatever order it was ticked
{{ config(tags=['macro']) }}

with examples (delivered, expected) as (
    values
    ('race', array['race']),
    ('religion|race|religion', array['race', 'religion']),
    (' race | ', array['race']),
    ('', cast(array[] as text[])),
    (null, cast(array[] as text[]))
)

select *
from examples
where {{ text_array_from_bars('delivered') }} is distinct from expected
