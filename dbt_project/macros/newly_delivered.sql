{% macro newly_delivered(column) -%}
    {#- As `delivered`, for views over raw, where no index finds a delivery: it stands beside `newly_loaded`, which
        finds the rows. An array, because the planner would join a subquery with the whole history. -#}
    {%- if not is_unit_test() -%}
        {%- set arrived = ref('stg_ledger__new_deliveries') -%}
    {%- endif -%}
    {%- if is_incremental_build() -%}
        {{ column }} = any(array(select deliveries.delivery_id from {{ arrived }} as deliveries))
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
