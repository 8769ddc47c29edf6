{% macro month_start(column) -%}
    {#- '2024-08' and '202408' → 2024-08-01. -#}
    to_date(replace({{ column }}, '-', ''), 'YYYYMM')
{%- endmacro %}
