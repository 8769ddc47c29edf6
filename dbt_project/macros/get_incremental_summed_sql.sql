{% macro get_incremental_summed_sql(arg_dict) -%}
    {#- Sums that stand, with what has come and gone since added to them: a day then costs the day's rows, whatever the
        history. `unique_key` are the columns that a sum is of, all others are sums; `count_rows`, which each such model
        has, tells when nothing is left of one. The same transaction forgets what it has added. -#}
    {%- set target, key = arg_dict['target_relation'], arg_dict['unique_key'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set is_told = is_there(rows_to_add(target.identifier)) -%}
    {%- set added = [] -%}
    {%- for column in arg_dict['dest_columns'] | map(attribute='name') -%}
        {%- do added.append(column ~ ' = stood.' ~ column ~ ' + excluded.' ~ column) if column not in key -%}
    {%- endfor -%}
    {% if not is_told -%}
        delete from {{ target }};
    {%- endif %}

    insert into {{ target }} as stood ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    on conflict ({{ key | join(', ') }}) do update set {{ added | join(', ') }};

    delete from {{ target }} where count_rows = 0;

    {{ begin_to_add(target.identifier) }}
{%- endmacro %}
