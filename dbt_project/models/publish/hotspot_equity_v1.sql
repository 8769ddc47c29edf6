select
    cut_off,
    run_id,
    area_level,
    group_kind,
    group_code,
    count_areas,
    share_residents,
    share_reports,
    share_tasking,
    hit_rate,
    is_suppressed,
    is_withheld,
    model_version,
    panel
from {{ ref('agg_hotspot_equity') }}
