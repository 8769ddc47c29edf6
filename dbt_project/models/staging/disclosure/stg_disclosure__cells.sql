select
    measure_code,
    area_code,
    part_code,
    period_code,
    mark,
    public_value,
    count_incidents,
    is_revised
from {{ source('disclosure', 'cells') }}
