-- Days of intake that an incremental build has to count again: those on which touched incidents came in, as it is known
-- now and as it stood. What stood is read past `ref`, because it is written later in the same build.
{% set stood = standing('int_incidents__capacity') -%}
{% set touched_incidents = ref('int_touched__incidents') -%}
{% set carried = carried_over('hub_day') -%}

select intake.hub_day
from {{ ref('int_incidents__intake') }} as intake
{% if stood -%}
    where intake.incident_id in (select worklist.incident_id from {{ touched_incidents }} as worklist)
    union
    select hub_day
    from {{ stood }}
    where incident_id in (select worklist.incident_id from {{ touched_incidents }} as worklist)
    {{ carried }}
{% else -%}
    group by intake.hub_day
{% endif %}
