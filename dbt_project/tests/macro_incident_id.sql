-- so that linkage and the marts call an incident of one report by the same name
{{ config(tags=['macro']) }}

with incidents as (
    select {{ incident_id("cast('00420000-0000-0000-0000-000000000001' as uuid)") }} as incident_id
)

select *
from incidents
where incident_id <> cast('0042' || right(md5('incident/00420000-0000-0000-0000-000000000001'), 28) as uuid)
