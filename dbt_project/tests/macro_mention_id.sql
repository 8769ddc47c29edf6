-- so that linkage and the marts call the same mention by the same name, and sort it with its record
{{ config(tags=['macro']) }}

with mentions as (
    select
        {{ mention_id("cast('00420000-0000-0000-0000-000000000001' as uuid)", 'victim') }} as of_victim,
        {{ mention_id("cast('00420000-0000-0000-0000-000000000001' as uuid)", 'reporter') }} as of_reporter
)

select *
from mentions
where
    of_victim <> cast('0042' || right(md5('00420000-0000-0000-0000-000000000001/victim'), 28) as uuid)
    or of_victim = of_reporter
