{{ config(indexes=[{'columns': ['incident_id'], 'unique': true}]) }}

-- An affected incident can push others of its day over the hub's capacity, or let them back under it.
with last_build as (
    select coalesce(max(finished_at), '-infinity') as finished_at
    from {{ ref('stg_ledger__builds') }}
    where status = 'succeeded' and selection is null
)

select incident_id from {{ ref('int_affected_incidents') }}
union
select capacity.incident_id
from {{ ref('int_incidents__capacity') }} as capacity
inner join last_build on capacity.found_at > last_build.finished_at
