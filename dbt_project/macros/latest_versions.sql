{% macro latest_versions(key, newest) -%}
    {#- Of the CTE `renamed` the newest version of each record, by `key` (columns) and `newest` (sort terms). An
        incremental build also looks at the versions that it had, record by record; which came first does not matter.
        Never by load time: deliveries come in any order. -#}
    {%- set same = [] -%}
    {%- for column in key -%}
        {%- do same.append('stood.' ~ column ~ ' = came.' ~ column) -%}
    {%- endfor -%}
    select distinct on ({{ key | join(', ') }}) *
    {%- if is_incremental_build() %}
        from (
            select renamed.*
            from renamed
            union all
            select known.*
            from (select distinct {{ key | join(', ') }} from renamed) as came
            cross join lateral (
                select stood.* from {{ this }} as stood where {{ same | join(' and ') }} {{ row_by_row() }}
            ) as known
        ) as versions
    {%- else %}
        from renamed
    {%- endif %}
    order by {{ key | join(' asc, ') }} asc, {{ newest | join(', ') }}
{%- endmacro %}
