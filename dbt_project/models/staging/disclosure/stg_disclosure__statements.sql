select
    measure_code,
    area_code,
    part_code,
    period_code,
    publish_id,
    issue_month,
    mark,
    public_value
from {{ source('disclosure', 'statements') }}
