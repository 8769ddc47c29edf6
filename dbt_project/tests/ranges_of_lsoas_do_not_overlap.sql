-- so that every LSOA lies in one local authority: ranges do not overlap, and none ends before it begins.
with neighbours as (
    select
        first_lsoa_code,
        last_lsoa_code,
        lag(last_lsoa_code) over (order by first_lsoa_code) as previous_last_lsoa_code
    from {{ ref('lsoa_ranges') }}
)

select *
from neighbours
where last_lsoa_code < first_lsoa_code or first_lsoa_code <= previous_last_lsoa_code
