{% macro newly_delivered(column) -%}
    {#- Of an incremental build only rows whose newest version came with a delivery that no build has taken in yet; of a
        full build all. An array, because the planner looks up the few deliveries in it by index, and would join a subquery
        with the whole history. -#}
    {%- if not is_unit_test() -%}
        {%- set arrived = ref('stg_ledger__new_deliveries') -%}
    {%- endif -%}
    {%- if is_incremental_build() -%}
        {{ column }} = any(array(select deliveries.delivery_id from {{ arrived }} as deliveries))
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
