select
    stated_at,
    measure_code,
    area_code,
    part_code,
    period_code,
    stated_in_publish,
    statement_number,
    mark,
    public_value as value,
    change_of_value,
    is_latest
from {{ ref('agg_public_revisions') }}
