{% macro adds_to_what_stands() -%}
    {#- For worklists: a build from nothing does all, asks none of them, and need not work them out. -#}
    {%- if execute and flags.FULL_REFRESH and not is_unit_test() -%}
        false
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
