{% macro stable_id(parts) -%}
    {#- A UUID that is the same for the same parts in every build; null where any part is null.
        `parts`: SQL expressions of type text. -#}
    cast(md5({{ parts | join(" || '/' || ") }}) as uuid)
{%- endmacro %}
