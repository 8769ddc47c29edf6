{% test every_accepted_row(model, feed) %}
    {#- The ledger's count of accepted rows is found again in the rows themselves, file by file. For feeds whose records
        have no key, so that none replaces another. All of the model's rows are counted, also where its other tests look
        at new ones alone. -#}
    with counted as (
        select
            delivery_id,
            count(*) as count_rows
        from {{ ref('stg_' ~ feed) }}
        group by delivery_id
    )

    select
        deliveries.delivery_id,
        deliveries.count_rows_accepted,
        counted.count_rows
    from {{ ref('stg_ledger__deliveries') }} as deliveries
    left join counted on deliveries.delivery_id = counted.delivery_id
    where
        deliveries.status = 'loaded'
        and deliveries.feed = '{{ feed }}'
        -- A row that is released from quarantine while the build runs may be there already, before it is counted.
        and deliveries.count_rows_accepted > coalesce(counted.count_rows, 0)
{% endtest %}
