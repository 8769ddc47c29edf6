{% macro postgres__get_columns_in_relation(relation) -%}
    {#- Replaces the macro of dbt-postgres, which reads information_schema. That has the type "ARRAY" for every array
        column, and no value can be cast to "ARRAY", so unit tests could not have array columns. It is also ten times as
        slow as pg_attribute, and dbt asks several times for each model. -#}
    {% call statement('get_columns_in_relation', fetch_result=True) %}
        select
            attname as column_name,
            format_type(atttypid, null) as data_type,
            information_schema._pg_char_max_length(atttypid, atttypmod) as character_maximum_length,
            information_schema._pg_numeric_precision(atttypid, atttypmod) as numeric_precision,
            information_schema._pg_numeric_scale(atttypid, atttypmod) as numeric_scale
        from pg_attribute
        where attrelid = to_regclass('{{ relation.render() }}') and attnum > 0 and not attisdropped
        order by attnum
    {% endcall %}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
