{% macro written_name(column) -%}
    {#- A name as people write it, made comparable: 'Hammersmith & Fulham ' → 'hammersmith and fulham', 'King’s Lynn' →
        'kings lynn'. -#}
    btrim(
        regexp_replace(
            replace(translate(lower({{ column }}), '''’‘`', ''), '&', ' and '), '[^a-z0-9]+', ' ', 'g'
        )
    )
{%- endmacro %}
