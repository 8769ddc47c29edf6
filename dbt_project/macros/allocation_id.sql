{% macro allocation_id(incident_id, duty, sequence_number) -%}
    {#- The allocation of an incident for a duty (owner, removal, information), by its place in the order of them. -#}
    {{
        stable_id(
            ["'allocation'", "cast(" ~ incident_id ~ " as text)", duty, "cast(" ~ sequence_number ~ " as text)"],
            prefix=prefix_of_id(incident_id)
        )
    }}
{%- endmacro %}
