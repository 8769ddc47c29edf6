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

{% macro get_incremental_touched_sql(arg_dict) -%}
    {#- Rows of touched keys go, whatever became of the keys: an incident that was merged into another has no rows to
        come. The new rows of touched keys are in the temporary relation. What would come as it stands is left: most of
        what is touched has not changed, and to write it again costs more than to compare it, in every index. Two whole
        rows are equal also where both have no value in a column. -#}
    {%- set target, key = arg_dict['target_relation'], arg_dict['unique_key'] -%}
    {%- set worklist = touched_worklist(key, config.get('meta', {}).get('worklist')) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ target }} as stood
    where
        stood.{{ key }} in (select worklist.{{ key }} from {{ worklist }} as worklist)
        and not exists (select 1 from {{ arg_dict['temp_relation'] }} as fresh where stood = fresh);

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }} as fresh
    where
        not exists (
            select 1
            from {{ target }} as stood
            where
                stood = fresh
                and stood.{{ key }} in (select worklist.{{ key }} from {{ worklist }} as worklist)
        );
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
