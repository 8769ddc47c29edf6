{% macro text_array_from_bars(column) -%}
    {#- 'race|religion' → {race,religion}, sorted, each once; blanks around a code do not count; {} for null. -#}
    array(
        select distinct btrim(part.code) as code
        from unnest(string_to_array({{ column }}, '|')) as part (code)
        where btrim(part.code) <> ''
        order by code
    )
{%- endmacro %}
