{% macro is_there(relation) -%}
    {#- Whether a table that dbt does not know as a model stands. -#}
    {%- do return(execute and run_query("select to_regclass('" ~ relation ~ "') is not null").rows[0][0]) -%}
{%- endmacro %}
