{% macro row_by_row() -%}
    {#- Ends what stands under a lateral join that is to be looked up for each row by index. The planner takes far more
        to come out of a `with` than does, and would read whole tables for it; under an offset it joins nothing else. Of
        a build from nothing, which asks for all rows, it is to read them whole. -#}
    {%- if is_unit_test() or not (execute and flags.FULL_REFRESH) -%}
        offset 0
    {%- endif -%}
{%- endmacro %}
