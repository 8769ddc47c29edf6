{% macro journey_aggregates(events) -%}
    {#- The aggregates that make a journey of its events: first time of each step, first and last confidence, counts.
        `events`: alias of a relation with the columns of fct_journey_events. -#}
    {%- set told_of_outcome = "('charge', 'no_further_action', 'no_investigation', 'outcome')" -%}
    {%- set kinds = [
        'reported', 'acknowledged', 'needs_assessed', 'support_offered', 'declined', 'consented', 'referred',
        'contacted', 'engaged', 'closed', 'police_outcome',
    ] -%}
    {%- for kind in kinds %}
        min({{ events }}.happened_at) filter (where {{ events }}.event_kind = '{{ kind }}') as {{ kind }}_at,
    {%- endfor %}
    min({{ events }}.happened_at) filter (where {{ events }}.event_kind = 'told') as told_at,
    min({{ events }}.happened_at) filter (
        where {{ events }}.event_kind = 'told' and {{ events }}.event_detail in {{ told_of_outcome }}
    ) as told_of_outcome_at,
    (
        array_agg({{ events }}.event_detail order by {{ events }}.happened_at desc, {{ events }}.event_id desc)
        filter (where {{ events }}.event_kind = 'police_outcome')
    )[1] as last_outcome_code,
    {%- for end, direction in [('first', 'asc'), ('last', 'desc')] %}
        cast(
            (
                array_agg(
                    {{ events }}.event_detail
                    order by {{ events }}.happened_at {{ direction }}, {{ events }}.event_id {{ direction }}
                ) filter (where {{ events }}.event_kind = 'confidence_stated')
            )[1] as integer
        ) as {{ end }}_confidence,
        {{ 'min' if end == 'first' else 'max' }}({{ events }}.happened_at) filter (
            where {{ events }}.event_kind = 'confidence_stated'
        ) as {{ end }}_confidence_at,
    {%- endfor %}
    cast(count(*) as integer) as count_events,
    cast(count(*) filter (where {{ events }}.event_kind = 'reported') as integer) as count_reports,
    cast(count(distinct {{ events }}.service_code) as integer) as count_services
{%- endmacro %}
