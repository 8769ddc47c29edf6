{% macro newly_delivered(column) -%}
    {#- Of an incremental build only rows whose newest version came with a delivery that no build has taken in yet; of a
        full build all. -#}
    {%- if not is_unit_test() -%}
        {%- set arrived = ref('stg_ledger__new_deliveries') -%}
    {%- endif -%}
    {%- if is_incremental_build() -%}
        {{ column }} in (select deliveries.delivery_id from {{ arrived }} as deliveries)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
