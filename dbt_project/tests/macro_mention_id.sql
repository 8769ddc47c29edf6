-- so that linkage and the marts call the same mention by the same name
{{ config(tags=['macro']) }}

with mentions as (
    select
        {{ mention_id("cast('00000000-0000-0000-0000-000000000001' as uuid)", 'victim') }} as of_victim,
        {{ mention_id("cast('00000000-0000-0000-0000-000000000001' as uuid)", 'reporter') }} as of_reporter
)

select *
from mentions
where of_victim <> cast(md5('00000000-0000-0000-0000-000000000001/victim') as uuid) or of_victim = of_reporter
