select
    cut_off,
    area_code,
    area_name,
    force_code,
    expected_reports,
    is_suppressed,
    is_withheld,
    withheld_because,
    boundary_version,
    model_version
from {{ ref('agg_hotspot_forecasts__protected') }}
