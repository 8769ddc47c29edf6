{% macro touched(key, column, worklist=none) -%}
    {#- Of an incremental build only what deliveries or linkage have touched since the last one; of a full build all.
        `key` is the worklist's column; `column` is what it is compared with. `worklist` names another list than the
        key's own: the one in the model's `meta`. -#}
    {%- if not is_unit_test() -%}
        {%- set listed = ref(worklist_name(key, worklist)) -%}
    {%- endif -%}
    {%- if is_incremental_build() -%}
        {{ column }} in (select worklist.{{ key }} from {{ listed }} as worklist)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro worklist_name(key, worklist=none) -%}
    {%- set names = {
        'incident_id': 'int_touched__incidents',
        'report_id': 'int_touched__reports',
        'event_id': 'int_touched__journey_events',
        'report_ref': 'int_touched__references',
        'hub_day': 'int_touched__hub_days',
    } -%}
    {%- if worklist is none and key not in names -%}
        {{ exceptions.raise_compiler_error('no worklist holds ' ~ key) }}
    {%- endif -%}
    {%- do return(worklist or names[key]) -%}
{%- endmacro %}

{% macro touched_worklist(key, worklist=none) -%}
    {#- The worklist's relation where `ref` cannot be used: in a strategy, and in tests. -#}
    {{ api.Relation.create(
        database=target.database, schema='intermediate', identifier=worklist_name(key, worklist)) }}
{%- endmacro %}
