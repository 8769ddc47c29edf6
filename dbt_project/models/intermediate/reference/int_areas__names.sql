-- Names as the files give them; the longest in the alphabet wins where two files differ, so that every build agrees.
with written as (
    select
        lsoa_code,
        lsoa_name
    from {{ ref('stg_mps_recorded_crime') }}
    union all
    select
        lsoa_code,
        lsoa_name
    from {{ ref('stg_police_uk_street') }}
    union all
    select
        lsoa_code,
        lsoa_name
    from {{ ref('stg_police_uk_outcomes') }}
)

select
    lsoa_code,
    max(lsoa_name) as lsoa_name
from written
where lsoa_code is not null
group by lsoa_code
