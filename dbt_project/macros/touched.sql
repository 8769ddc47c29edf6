{% macro touched(key, column) -%}
    {#- Of an incremental build only what deliveries or linkage have touched since the last one; of a full build all.
        `key` is the worklist's column, incident_id or report_id; `column` is what it is compared with. -#}
    {%- if not is_unit_test() -%}
        {%- set worklist = ref('int_touched__incidents') if key == 'incident_id' else ref('int_touched__reports') -%}
    {%- endif -%}
    {%- if is_incremental_build() -%}
        {{ column }} in (select worklist.{{ key }} from {{ worklist }} as worklist)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro get_incremental_touched_sql(arg_dict) -%}
    {#- Rows of touched keys go, whatever became of the keys: an incident that was merged into another has no rows to
        come. The new rows of touched keys are in the temporary relation. -#}
    {%- set target, key = arg_dict['target_relation'], arg_dict['unique_key'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ target }}
    where {{ key }} in (select worklist.{{ key }} from {{ touched_worklist(key) }} as worklist);

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{% macro touched_worklist(key) -%}
    {#- The worklist's relation where `ref` cannot be used: in a strategy, and in tests. -#}
    {%- if key not in ('incident_id', 'report_id') -%}
        {{ exceptions.raise_compiler_error('no worklist holds ' ~ key) }}
    {%- endif -%}
    {{ api.Relation.create(
        database=target.database, schema='intermediate',
        identifier='int_touched__incidents' if key == 'incident_id' else 'int_touched__reports') }}
{%- endmacro %}
