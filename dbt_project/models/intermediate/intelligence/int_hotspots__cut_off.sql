-- The clock of a sender may be ahead by a day, and the week that it names is not over yet: no cut-off is later than the
-- week in which the latest delivery was loaded.
{{ config(materialized='view', tags=['hotspot_counts']) }}

with known as (
    select max(known_on) as latest_on
    from {{ ref('int_hotspots__incidents') }}
    where is_trained_on
),

loaded as (
    select cast(max(loaded_at) at time zone 'Europe/London' as date) as latest_on
    from {{ ref('stg_ledger__deliveries') }}
    where status = 'loaded'
)

select cast(date_trunc('week', least(known.latest_on, loaded.latest_on)) as date) as cut_off
from known
cross join loaded
where known.latest_on is not null
