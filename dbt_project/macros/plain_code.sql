{% macro plain_code(column) -%}
    {#- A postcode district or the code of a small area in capitals and without blanks, as the lists have it, however it
        was typed: ' sw1a' → 'SW1A'. -#}
    upper(translate({{ column }}, ' ' || chr(9) || chr(160), ''))
{%- endmacro %}
