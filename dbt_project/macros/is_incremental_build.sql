{% macro is_incremental_build() -%}
    {#- As `is_incremental`, which cannot be asked in a unit test: those are of a full build. -#}
    {%- do return(not is_unit_test() and is_incremental()) -%}
{%- endmacro %}

{% macro is_unit_test() -%}
    {%- do return(model is defined and model.resource_type == 'unit_test') -%}
{%- endmacro %}
