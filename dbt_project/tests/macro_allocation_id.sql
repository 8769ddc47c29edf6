-- so that another owner or duty of an incident is another allocation, and each is the same in every build
{{ config(tags=['macro']) }}

select *
from (values (cast('00420000-0000-0000-0000-000000000001' as uuid), 'owner', 'removal', 1, 2))
    as example (incident_id, duty, other_duty, place_number, other_number)
where
    {{ allocation_id('incident_id', 'duty', 'place_number') }}
    is distinct from cast('0042' || right(md5('allocation/00420000-0000-0000-0000-000000000001/owner/1'), 28) as uuid)
    or {{ allocation_id('incident_id', 'duty', 'place_number') }}
    = {{ allocation_id('incident_id', 'duty', 'other_number') }}
    or {{ allocation_id('incident_id', 'duty', 'place_number') }}
    = {{ allocation_id('incident_id', 'other_duty', 'place_number') }}
