{% macro pounds(column) -%}
    {#- '1,277,970.50' → 1277970.50. Text that is no amount fails the cast, so that it is never counted as another. -#}
    cast(replace({{ column }}, ',', '') as numeric(14, 2))
{%- endmacro %}
