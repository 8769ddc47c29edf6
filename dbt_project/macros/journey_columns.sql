{% macro journey_columns(
    feed, key, event_ref, event_kind, event_detail, happened_at, is_report=false, recorded_at=none,
    report_ref=none, crime_reference=none, service_code=none, client_ref=none
) -%}
    {#- What each record in the CTE `source`, made by `every_version`, says about a victim's journey. SQL for each
        column, null where the feed has none. `key` finds the versions of one record. -#}
    {%- set id = record_id(feed, key) -%}
    {{ id }} as event_id,
    {{ id if is_report else 'cast(null as uuid)' }} as report_id,
    delivery_id,
    row_number,
    _record_hash as record_hash,
    '{{ feed }}' as feed,
    {{ event_ref }} as event_ref,
    cast({{ report_ref or 'null' }} as text) as report_ref,
    cast({{ crime_reference or 'null' }} as text) as crime_reference,
    cast({{ service_code or 'null' }} as text) as service_code,
    cast({{ client_ref or 'null' }} as text) as client_ref,
    {{ event_kind }} as event_kind,
    cast({{ event_detail or 'null' }} as text) as event_detail,
    {{ happened_at }} as happened_at,
    cast({{ recorded_at or 'null' }} as timestamptz) as recorded_at,
    version_order,
    received_at as known_at,
    loaded_at
{%- endmacro %}
