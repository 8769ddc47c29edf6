select
    measure_code,
    area_code,
    part_code,
    period_code,
    publish_id,
    mark,
    public_value,
    stated_at
from {{ source('disclosure', 'statements') }}
