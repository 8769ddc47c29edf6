{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Models land in exactly the schema that their folder names: no prefix of the target. -#}
    {{- (custom_schema_name or target.schema) | trim -}}
{%- endmacro %}
