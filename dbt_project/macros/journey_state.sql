{% macro journey_state(journey) -%}
    {#- Where a journey stands: the furthest step that was reached, whatever was left out before it. -#}
    {%- set steps = [
        'told_of_outcome', 'closed', 'engaged', 'contacted', 'referred', 'consented', 'declined',
        'support_offered', 'needs_assessed', 'acknowledged', 'reported',
    ] -%}
    case
    {%- for step in steps %}
        when {{ journey }}.{{ step }}_at is not null then '{{ step }}'
    {%- endfor %}
        else 'unreported'
    end
{%- endmacro %}
