{% macro overdue_kind(allocation, at='now()') -%}
    {#- How an allocation waits longer than its rule allows: not_acknowledged or never_acted_on; null where it does not.
        A force has acted when it accepts; a provider when it closes, and one that asked for more waits for the hub.
        Marts hold when something was due, so this is for what is published. `allocation`: alias of fct_allocations;
        `at`: as of when. -#}
    case
        when {{ allocation }}.closed_at is not null or {{ allocation }}.status = 'returned' then null
        when {{ allocation }}.acknowledged_at is null and {{ allocation }}.due_at < {{ at }} then 'not_acknowledged'
        when {{ allocation }}.accepted_at is null and {{ allocation }}.action_due_at < {{ at }} then 'never_acted_on'
    end
{%- endmacro %}
