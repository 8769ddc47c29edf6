{% macro london_date(at) -%}
    {#- Day on the calendar in London of a moment. -#}
    cast({{ at }} at time zone 'Europe/London' as date)
{%- endmacro %}
