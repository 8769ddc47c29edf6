with ranges as (
    select
        lad_code,
        left(first_lsoa_code, 1) as nation_letter,
        cast(substr(first_lsoa_code, 2) as integer) as first_number,
        cast(substr(last_lsoa_code, 2) as integer) as last_number
    from {{ ref('lsoa_ranges') }}
)

select
    ranges.lad_code,
    ranges.nation_letter || lpad(cast(numbers.lsoa_number as text), 8, '0') as lsoa_code
from ranges
cross join lateral generate_series(ranges.first_number, ranges.last_number) as numbers (lsoa_number)
