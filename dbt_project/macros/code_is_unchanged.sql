{% macro code_is_unchanged() -%}
    {#- Whether this build adds to what one of the same models, macros and code lists left. -#}
    {%- do return(env_var('HUB_CODE_IS_UNCHANGED', 'no') == 'yes') -%}
{%- endmacro %}
