{% macro text_array_from_json(column) -%}
    {#- '["b","a","b"]' → {a,b}, sorted, each once; null where there is no list. -#}
    case
        when {{ column }} is not null then array(
            select distinct part.code
            from jsonb_array_elements_text(cast({{ column }} as jsonb)) as part (code)
            order by part.code
        )
    end
{%- endmacro %}
