{% macro postgres__get_incremental_delete_insert_sql(arg_dict) -%}
    {#- As dbt's own, for models whose rows are summed, too. -#}
    {%- set target, source, keys = arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'] -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set same = [] -%}
    {%- for key in keys -%}
        {%- do same.append('stood.' ~ key ~ ' = fresh.' ~ key) -%}
    {%- endfor -%}
    {%- set gone -%}
        (
            select known.*
            from {{ source }} as fresh
            cross join lateral (
                select stood.*
                from {{ target }} as stood
                where {{ same | join(' and ') }}
                offset 0
            ) as known
        )
    {%- endset %}

    {{ tell_sums(get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')), gone, source) }}

    {{ dbt.default__get_incremental_delete_insert_sql(arg_dict) }}
{%- endmacro %}
