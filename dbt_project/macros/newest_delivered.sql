{% macro newest_delivered(relation, key) -%}
    {#- Of a CTE, named in `relation`, the newest version of each record, by `key` (columns): the one that the newest
        delivery states, and in that the last row. Never by a value in a row: a row with a wrong time in the future would
        stay the newest for ever (docs/decisions/0087). An incremental build leaves out what is older than the stored
        version. -#}
    select distinct on (versions.{{ key | join(', versions.') }}) versions.*
    from {{ relation }} as versions
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on versions.delivery_id = deliveries.delivery_id
    {% if is_incremental() %}
        where
            not exists (
                select 1
                from {{ this }} as stored
                inner join {{ ref('stg_ledger__deliveries') }} as stored_deliveries
                    on stored.delivery_id = stored_deliveries.delivery_id
                where
                    (stored.{{ key | join(', stored.') }}) = (versions.{{ key | join(', versions.') }})
                    and (stored_deliveries.delivery_order, stored.row_number)
                    > (deliveries.delivery_order, versions.row_number)
            )
    {% endif %}
    order by versions.{{ key | join(' asc, versions.') }} asc, deliveries.delivery_order desc, versions.row_number desc
{%- endmacro %}
