{% macro latest_versions(key) -%}
    {#- Of the CTE `renamed` the newest version of each record, by `key` (columns): the one that the newest delivery
        states, and in that the last row. Never by a value in a row: a wrong time would hold the newest place for ever
        (docs/decisions/0087). An incremental build compares with the version that it has, but not with what a failed
        build left of the same rows. -#}
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
