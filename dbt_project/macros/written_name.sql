{% macro written_name(column) -%}
    {#- A name as people write it, made comparable: 'Hammersmith & Fulham ' → 'hammersmith and fulham', 'King’s Lynn' →
        'kings lynn', 'Ynys Môn' → 'ynys mon'. -#}
    btrim(
        regexp_replace(
            replace(
                translate(lower({{ column }}), 'àáâäèéêëìíîïòóôöùúûüŵýŷÿ''’‘`', 'aaaaeeeeiiiioooouuuuwyyy'), '&', ' and '
            ),
            '[^a-z0-9]+', ' ', 'g'
        )
    )
{%- endmacro %}
