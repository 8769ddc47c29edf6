{{ config(materialized='view') }}

-- Linkage reads it: which incident it is about tells who the client is. A reference that several reports bear leads to
-- each; whether these are one incident is known only once they are linked. Not by way of `int_reports__names`, which
-- cannot be looked up for each event: where one arm of a union has a condition, all of it is read for each.
{%- for reference, grade in [('report_ref', 1), ('crime_reference', 2)] %}
    {{ 'union all' if not loop.first }}
    select
        events.event_id,
        events.delivery_id,
        bearers.report_id,
        {{ grade }} as grade
    from {{ ref('stg_victim_support_events') }} as events
    inner join {{ ref('int_reports__unioned') }} as bearers on events.{{ reference }} = bearers.{{ reference }}
{%- endfor %}
