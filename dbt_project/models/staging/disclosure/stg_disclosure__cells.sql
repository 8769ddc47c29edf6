select
    measure_code,
    area_kind,
    area_code,
    part_code,
    period_kind,
    period_code,
    period_start,
    period_end,
    count_forces_reported,
    count_forces,
    issue_month,
    mark,
    public_value,
    is_revised
from {{ source('disclosure', 'cells') }}
