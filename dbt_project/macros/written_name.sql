{% macro written_name(column) -%}
    {#- A name as people write it, made comparable: 'Hammersmith & Fulham ' → 'hammersmith and fulham'. -#}
    btrim(
        regexp_replace(replace(replace(lower({{ column }}), '&', ' and '), '''', ''), '[^a-z0-9]+', ' ', 'g')
    )
{%- endmacro %}
