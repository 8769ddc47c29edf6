{% macro place_of_id(id) -%}
    {#- Where an id stands: for the ids of all that hangs on it. -#}
    left(cast({{ id }} as text), 4)
{%- endmacro %}
