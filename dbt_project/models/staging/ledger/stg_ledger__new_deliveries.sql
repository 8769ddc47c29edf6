-- A loaded delivery is new until a build of everything has succeeded with it. One that a person has since released rows
-- of is new again, and so is one whose bytes have come again. Filled once a build, because models of both halves of a
-- build read it.
{{ config(materialized='table') }}

with deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

built as (
    select * from {{ ref('stg_ledger__built_deliveries') }}
)

select
    deliveries.delivery_id,
    deliveries.feed,
    deliveries.loaded_at
from deliveries
left join built
    on
        deliveries.delivery_id = built.delivery_id
        and deliveries.count_rows_accepted = built.count_rows_accepted
        and deliveries.count_rows_duplicate is not distinct from built.count_rows_duplicate
        and deliveries.delivery_order is not distinct from built.delivery_order
where deliveries.status = 'loaded' and built.delivery_id is null
