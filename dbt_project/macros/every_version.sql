{% macro every_version(feed) -%}
    {#- All versions of a feed's records in loaded deliveries, the overwritten ones too: one row each time that a
        delivery contained the record, with that delivery and row, the time of receipt, and the place among the record's
        versions (an array). Receiving the same file again counts as a new version of all its rows. -#}
    select
        records.*,
        records._delivery_id as delivery_id,
        records._row_number as row_number,
        records._loaded_at as loaded_at,
        arrivals.received_at,
        arrivals.arrival_order || records._row_number as version_order
    from {{ source('raw', feed) }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as arrivals
        on records._delivery_id = coalesce(arrivals.first_delivery_id, arrivals.delivery_id)
    where arrivals.status in ('loaded', 'duplicate')
    union all
    -- Rows that were not stored again, because raw already had the identical record.
    select
        records.*,
        restated.delivery_id,
        restated.row_number,
        deliveries.loaded_at,
        arrivals.received_at,
        arrivals.arrival_order || restated.row_number as version_order
    from {{ ref('stg_ledger__restated_records') }} as restated
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on
            restated.delivery_id = deliveries.delivery_id
            and deliveries.feed = '{{ feed }}'
            and deliveries.status = 'loaded'
    inner join {{ ref('stg_ledger__deliveries') }} as arrivals
        on
            deliveries.delivery_id = coalesce(arrivals.first_delivery_id, arrivals.delivery_id)
            and arrivals.status in ('loaded', 'duplicate')
    inner join {{ source('raw', feed) }} as records on restated.record_hash = records._record_hash
{%- endmacro %}
