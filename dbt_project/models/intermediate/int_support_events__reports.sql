{{ config(materialized='view') }}

-- Linkage reads it: which incident it is about tells who the client is. A reference that several reports bear leads to
-- each; whether these are one incident is known only once they are linked.
{%- for reference, grade in [('report_ref', 1), ('crime_reference', 2)] %}
    {{ 'union all' if not loop.first }}
    select
        events.event_id,
        events.delivery_id,
        known_names.report_id,
        {{ grade }} as grade
    from {{ ref('stg_victim_support_events') }} as events
    inner join {{ ref('int_reports__names') }} as known_names
        on known_names.reference_kind = '{{ reference }}' and events.{{ reference }} = known_names.reference
{%- endfor %}
