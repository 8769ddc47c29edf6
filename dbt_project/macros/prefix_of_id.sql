{% macro prefix_of_id(id) -%}
    {#- The first four digits of an id, for `stable_id(prefix=…)`: ids made from it begin with them too, so that what
        belongs together lies on few pages of an index. -#}
    left(cast({{ id }} as text), 4)
{%- endmacro %}
