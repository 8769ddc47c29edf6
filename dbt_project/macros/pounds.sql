{% macro pounds(column) -%}
    {#- '1,277,970.50' → 1277970.50. Text that is no amount has none: a person may have released it as it was, and it
        must neither be counted as another nor stop the build. -#}
    cast(
        case when replace({{ column }}, ',', '') ~ '^-?[0-9]{1,12}([.][0-9]{1,2})?$' then replace({{ column }}, ',', '') end
        as numeric(14, 2)
    )
{%- endmacro %}
