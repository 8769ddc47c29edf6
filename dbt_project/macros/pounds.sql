{% macro pounds(column) -%}
    {#- '1,277,970.50' → 1277970.50. Text that is not an amount gives null: a quarantined value may have been released
        unchanged, and it must neither count as another amount nor stop the build. -#}
    cast(
        case
            when {{ column }} ~ '^-?([0-9]{1,3}(,[0-9]{3}){1,3}|[0-9]{1,12})([.][0-9]{1,2})?$'
                then replace({{ column }}, ',', '')
        end as numeric(14, 2)
    )
{%- endmacro %}
