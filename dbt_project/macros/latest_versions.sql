{% macro latest_versions(key) -%}
    {#- Of the CTE `renamed` the newest version of each record, by `key` (columns): the one that the newest delivery
        states, and in that the last row. Never by a value in a row: a row with a wrong time in the future would stay the
        newest for ever (docs/decisions/0087). An incremental build leaves out what is older than the stored version. -#}
    select distinct on (renamed.{{ key | join(', renamed.') }}) renamed.*
    from renamed
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on renamed.delivery_id = deliveries.delivery_id
    {% if is_incremental() %}
        where
            not exists (
                select 1
                from {{ this }} as stored
                inner join {{ ref('stg_ledger__deliveries') }} as stored_deliveries
                    on stored.delivery_id = stored_deliveries.delivery_id
                where
                    (stored.{{ key | join(', stored.') }}) = (renamed.{{ key | join(', renamed.') }})
                    and (stored_deliveries.delivery_order, stored.row_number)
                    > (deliveries.delivery_order, renamed.row_number)
            )
    {% endif %}
    order by renamed.{{ key | join(' asc, renamed.') }} asc, deliveries.delivery_order desc, renamed.row_number desc
{%- endmacro %}
