-- so that the ledger's count of accepted rows can be found again in the rows themselves, file by file. The feeds whose
-- later records replace earlier ones are not here: for them fewer rows are right.
with staged as (
    select delivery_id from {{ ref('stg_police_uk_street') }}
    union all
    select delivery_id from {{ ref('stg_police_uk_outcomes') }}
    union all
    select delivery_id from {{ ref('stg_mps_recorded_crime') }}
),

counted as (
    select
        delivery_id,
        count(*) as count_rows
    from staged
    group by delivery_id
)

select
    deliveries.delivery_id,
    deliveries.count_rows_accepted,
    counted.count_rows
from {{ ref('stg_ledger__deliveries') }} as deliveries
left join counted on deliveries.delivery_id = counted.delivery_id
where
    deliveries.status = 'loaded'
    and deliveries.feed in ('police_uk_street', 'police_uk_outcomes', 'mps_recorded_crime')
    -- A row that is released from quarantine while the build runs may be there already, before it is counted.
    and deliveries.count_rows_accepted > coalesce(counted.count_rows, 0)
