{% macro standing(name, schema='intermediate') -%}
    {#- The table of a model (its name) as the last build left it, or nothing in a build of everything anew. For
        worklists, which come before it in a build and ask what has changed. In a unit test nothing stands, unless the test says so. -#}
    {%- if execute and not flags.FULL_REFRESH and not is_unit_test() -%}
        {%- do return(adapter.get_relation(target.database, schema, name)) -%}
    {%- endif -%}
{%- endmacro %}
