{% macro stable_id(parts, prefix=none) -%}
    {#- A UUID that is the same for the same parts in every build; null where any part is null.
        `parts`: SQL expressions of type text. `prefix`: SQL for the four hex digits that the id begins with,
        as `prefix_of_id` gives them. Ids of one period then lie together in an index, and a daily
        build reads few of its pages. -#}
    {%- set digest = "md5(" ~ parts | join(" || '/' || ") ~ ")" -%}
    cast({{ digest if prefix is none else prefix ~ " || right(" ~ digest ~ ", 28)" }} as uuid)
{%- endmacro %}
