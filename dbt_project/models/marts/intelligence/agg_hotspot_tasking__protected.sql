-- An area has no figure here: it would be one a week.
{{ config(materialized='view') }}

select distinct on (cut_off, area_code)
    cut_off,
    area_code,
    area_name,
    force_code,
    action,
    is_current,
    review_by
from {{ ref('agg_hotspot_tasking') }}
where panel = 'local_authority' and decision = 'approved'
order by cut_off asc, area_code asc, is_current desc, decided_at desc
