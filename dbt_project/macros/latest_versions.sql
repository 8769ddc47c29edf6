{% macro latest_versions(key) -%}
    {#- Of the CTE `renamed` the newest version of each record, by `key` (columns): the one that the newest delivery
        states, and in that the last row. Never by a value in a row: a wrong time would hold the newest place for ever
        (docs/decisions/0087). An incremental build also looks at the version that it had. -#}
    {%- set same = [] -%}
    {%- set first = [] -%}
    {%- for column in key -%}
        {%- do same.append('stood.' ~ column ~ ' = came.' ~ column) -%}
        {%- do first.append('versions.' ~ column) -%}
    {%- endfor -%}
    select distinct on ({{ first | join(', ') }}) versions.*
    from (
        select renamed.*
        from renamed
        {% if is_incremental_build() %}
            union all
            select known.*
            from (select distinct {{ key | join(', ') }} from renamed) as came
            cross join lateral (
                select stood.* from {{ this }} as stood
                where
                    {{ same | join(' and ') }}
                    -- What a build that failed left of these very rows.
                    and not exists (
                        select from renamed
                        where renamed.delivery_id = stood.delivery_id and renamed.row_number = stood.row_number
                    )
                {{ row_by_row() }}
            ) as known
        {% endif %}
    ) as versions
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on versions.delivery_id = deliveries.delivery_id
    order by {{ first | join(' asc, ') }} asc, deliveries.delivery_order desc, versions.row_number desc
{%- endmacro %}
