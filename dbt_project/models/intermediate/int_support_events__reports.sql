{{ config(materialized='view') }}

-- Linkage reads it: which incident it is about tells who the client is. A reference that several reports bear leads to
-- each; whether these are one incident is known only once they are linked.
select
    events.event_id,
    events.delivery_id,
    reports.report_id,
    1 as grade
from {{ ref('stg_victim_support_events') }} as events
inner join {{ ref('int_reports__unioned') }} as reports on events.report_ref = reports.report_ref
union
select
    events.event_id,
    events.delivery_id,
    reports.report_id,
    2 as grade
from {{ ref('stg_victim_support_events') }} as events
inner join {{ ref('int_reports__unioned') }} as reports on events.crime_reference = reports.crime_reference
union
select
    events.event_id,
    events.delivery_id,
    reports.report_id,
    2 as grade
from {{ ref('stg_victim_support_events') }} as events
inner join {{ ref('int_reports__unioned') }} as reports
    on events.crime_reference = reports.report_ref and reports.feed = 'police_hate_crimes'
