{% macro plain_code(column) -%}
    {#- A postcode district or the code of a small area in capitals, without blanks, tabs and no-break spaces, as the
        code lists have it: ' sw1a' → 'SW1A'. -#}
    upper(translate({{ column }}, ' ' || chr(9) || chr(160), ''))
{%- endmacro %}
