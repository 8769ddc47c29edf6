{% macro every_version(feed) -%}
    {#- Every record of a feed's loaded deliveries, the overwritten ones too, with when the hub received it. -#}
    select
        records.*,
        deliveries.received_at
    from {{ source('raw', feed) }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
{%- endmacro %}
