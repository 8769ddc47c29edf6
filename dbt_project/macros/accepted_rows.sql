{% macro accepted_rows(feed) -%}
    {#- The records of a feed's loaded deliveries; in an incremental build those of deliveries that no build has taken
        in yet. A delivery's rows lie together in order of time, which is the only index that a load has to pay for. -#}
    select records.*
    from {{ source('raw', feed) }} as records
    {% if is_incremental_build() -%}
        inner join {{ ref('stg_ledger__new_deliveries') }} as deliveries
            on records._delivery_id = deliveries.delivery_id
        where {{ newly_loaded('records._loaded_at', feed) }}
    {%- else -%}
        {%- if not is_unit_test() -%}
            {#- Named here so that it is built before; a full build does not ask it, and neither does a unit test. -#}
            {%- set _ = ref('stg_ledger__new_deliveries') -%}
        {%- endif -%}
        inner join {{ ref('stg_ledger__deliveries') }} as deliveries
            on records._delivery_id = deliveries.delivery_id
        where deliveries.status = 'loaded'
    {%- endif %}
{%- endmacro %}
