{% macro latest_versions(key, newest) -%}
    {#- Of the CTE `renamed` the newest version of each record, by `key` (columns) and `newest` (sort terms). An
        incremental build also looks at the versions that it had; which came first does not matter. Never by load time:
        deliveries come in any order. -#}
    select distinct on ({{ key | join(', ') }}) *
    {%- if is_incremental_build() %}
        from (
            select renamed.*
            from renamed
            union all
            select known.*
            from {{ this }} as known
            where ({{ key | join(', ') }}) in (select {{ key | join(', ') }} from renamed)
        ) as versions
    {%- else %}
        from renamed
    {%- endif %}
    order by {{ key | join(' asc, ') }} asc, {{ newest | join(', ') }}
{%- endmacro %}
