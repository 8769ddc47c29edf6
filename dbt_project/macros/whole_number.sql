{% macro whole_number(column) -%}
    {#- '1,382' → 1382, '3.0' → 3, '' → null. Text that is no whole number fails the cast, so that it is never counted
        as something else. -#}
    cast(regexp_replace(replace(nullif(btrim({{ column }}), ''), ',', ''), '\.0+$', '') as integer)
{%- endmacro %}
