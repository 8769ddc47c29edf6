select
    cut_off,
    area_code,
    area_name,
    force_code,
    action,
    is_current,
    review_by
from {{ ref('agg_hotspot_tasking__protected') }}
