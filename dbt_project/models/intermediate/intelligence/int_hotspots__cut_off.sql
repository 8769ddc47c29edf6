-- The clock of a sender may be ahead by a day, or by years: nothing can have been known after the latest delivery was
-- loaded, so a report that says so tells nothing of how far the data reach.
{{ config(materialized='view') }}

with loaded as (
    select cast(max(loaded_at) at time zone 'Europe/London' as date) as latest_on
    from {{ ref('stg_ledger__deliveries') }}
    where status = 'loaded'
),

known as (
    select max(known_on) as latest_on
    from {{ ref('int_hotspots__incidents') }}
    where is_trained_on and known_on <= (select loaded.latest_on from loaded)
)

select cast(date_trunc('week', latest_on) as date) as cut_off
from known
where latest_on is not null
