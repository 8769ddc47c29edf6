{% macro read_by_index() -%}
    {#- Before a model of which an incremental build does again only what was touched, and before the worklists: whole
        tables are not read where an index leads to the touched rows. The planner would rather join a worklist with all
        of a history that is not yet very long, and a day would cost more with every week. -#}
    {%- if execute and not flags.FULL_REFRESH and code_is_unchanged() and (
        config.get('incremental_strategy') == 'touched' or model.name.startswith('int_touched__')
    ) -%}
        set local enable_seqscan = off
    {%- endif -%}
{%- endmacro %}
