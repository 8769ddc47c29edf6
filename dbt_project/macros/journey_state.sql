{% macro journey_state(journey) -%}
    {#- The state of a journey: the furthest step reached, even if earlier steps were skipped. -#}
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
