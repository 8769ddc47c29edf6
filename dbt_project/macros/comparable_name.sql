{% macro comparable_name(column) -%}
    {#- A name as people write it, made comparable: 'Hammersmith & Fulham ' → 'hammersmith and fulham', 'King’s Lynn' →
        'kings lynn', 'Ynys Môn' → 'ynys mon'. Letters of other scripts stay; accents and apostrophes go. -#}
    btrim(
        regexp_replace(
            replace(
                regexp_replace(
                    normalize(lower({{ column }} collate pg_c_utf8), nfkd), '[\u0300-\u036f''’‘`]', '', 'g'
                ),
                '&',
                ' and '
            ),
            '[^[:alnum:]]+', ' ', 'g'
        )
    )
{%- endmacro %}
