{% macro incident_id(anchor_id) -%}
    {#- The incident that is named after one of its reports. Must be what `hub.warehouse.stable_ids.named_after` gives
        to linkage: otherwise incidents split. -#}
    {{ stable_id(["'incident'", "cast(" ~ anchor_id ~ " as text)"], prefix=prefix_of_id(anchor_id)) }}
{%- endmacro %}
