{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Incidents of which an incremental build has to work out again what measures count.
select incident_id from {{ ref('int_touched__allocations') }}
union
select incident_id from {{ ref('int_touched__journeys') }}
