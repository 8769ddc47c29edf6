{% macro accepted_rows(feed, new_only=false) -%}
    {#- The records of a feed's loaded deliveries, each with the places (`delivery_id`, `row_number`) at which it is
        stated: a record that a later delivery states again is there for each of them. With `new_only`, those of new
        deliveries. Raw has no index of deliveries, but one of the time of loading, which is never before that of the
        delivery. -#}
    -- depends_on: {{ ref('stg_ledger__new_deliveries') }}
    select
        records.*,
        records._delivery_id as delivery_id,
        records._row_number as row_number,
        records._loaded_at as loaded_at
    from {{ source('raw', feed) }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on records._delivery_id = deliveries.delivery_id
    where
        deliveries.status = 'loaded'
        {% if new_only %}
            and records._delivery_id in (
                select arrived.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as arrived
            )
            and records._loaded_at >= (
                select min(arrived.loaded_at) from {{ ref('stg_ledger__new_deliveries') }} as arrived
                where arrived.feed = '{{ feed }}'
            )
        {% endif %}
    union all
    select
        records.*,
        restated.delivery_id,
        restated.row_number,
        deliveries.loaded_at
    from {{ ref('stg_ledger__restated_records') }} as restated
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on restated.delivery_id = deliveries.delivery_id
    inner join {{ source('raw', feed) }} as records on restated.record_hash = records._record_hash
    where
        deliveries.status = 'loaded'
        and deliveries.feed = '{{ feed }}'
        {% if new_only %}
            and restated.delivery_id in (
                select arrived.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as arrived
            )
        {% endif %}
{%- endmacro %}
