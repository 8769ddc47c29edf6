{% macro delivered(name) -%}
    {#- Of a staging model (its name) the rows that new deliveries brought in an incremental build, all of a full one.
        Each delivery is looked up by index: how many rows the few new ones have the planner guesses from all, and would
        read two hundred thousand for a day's. -#}
    {%- set whole = ref(name) -%}
    {%- if not is_unit_test() -%}
        {%- set arrived = ref('stg_ledger__new_deliveries') -%}
    {%- endif -%}
    {%- if is_incremental_build() -%}
        {{ looked_up(whole, 'delivery_id', arrived) }}
    {%- else -%}
        {{ whole }}
    {%- endif -%}
{%- endmacro %}
