{% macro stable_id(parts, beside=none) -%}
    {#- A UUID that is the same for the same parts in every build; null where any part is null.
        `parts`: SQL expressions of type text. `beside`: SQL for the four digits that it begins with, from
        `place_of_reference` or `place_of_id`: what is of one time then stands on few pages of an index, and a day on
        a long history asks for those alone. -#}
    {%- set digest = "md5(" ~ parts | join(" || '/' || ") ~ ")" -%}
    cast({{ digest if beside is none else beside ~ " || right(" ~ digest ~ ", 28)" }} as uuid)
{%- endmacro %}
