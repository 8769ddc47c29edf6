{% macro latest_versions(key) -%}
    {#- Of the CTE `renamed` the newest version of each record, by `key` (columns): the one that the newest delivery
        states, and in that the last row. Never by a value in a row: a row with a wrong time in the future would stay the
        newest for ever (docs/decisions/0087). In an incremental build the stored version competes too, except for rows
        of this batch, which a failed build may have left. -#}
    {%- set columns = key | join(', ') -%}
    select distinct on (versions.{{ key | join(', versions.') }}) versions.*
    from (
        select * from renamed
        {% if is_incremental() %}
            union all
            select *
            from {{ this }}
            where
                ({{ columns }}) in (select {{ columns }} from renamed)
                and (delivery_id, row_number) not in (select delivery_id, row_number from renamed)
        {% endif %}
    ) as versions
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on versions.delivery_id = deliveries.delivery_id
    order by versions.{{ key | join(' asc, versions.') }} asc, deliveries.delivery_order desc, versions.row_number desc
{%- endmacro %}
