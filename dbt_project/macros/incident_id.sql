{% macro incident_id(anchor_id) -%}
    {#- The incident that is named after one of its reports, as linkage names it. -#}
    {{ stable_id(["'incident'", "cast(" ~ anchor_id ~ " as text)"], beside=place_of_id(anchor_id)) }}
{%- endmacro %}
