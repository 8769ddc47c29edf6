{% macro postgres__get_incremental_delete_insert_sql(arg_dict) -%}
    {#- As dbt's own, for models whose rows are summed, too; and what stands is deleted by its place, since joined the
        planner reads a table of a hundred thousand rows for a day's. -#}
    {%- set target, source, keys = arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'] -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set same = [] -%}
    {%- for key in keys -%}
        {%- do same.append('stood.' ~ key ~ ' = fresh.' ~ key) -%}
    {%- endfor -%}
    {%- set fresh = '(select distinct ' ~ keys | join(', ') ~ ' from ' ~ source ~ ') as fresh' -%}
    {%- set gone -%}
        (
            select known.*
            from {{ fresh }}
            cross join lateral (
                select stood.*
                from {{ target }} as stood
                where {{ same | join(' and ') }}
                offset 0
            ) as known
        )
    {%- endset %}

    {{ tell_sums(columns, gone, source) }}

    delete from {{ target }}
    where ctid = any(array(
        select known.place
        from {{ fresh }}
        cross join lateral (
            select stood.ctid as place
            from {{ target }} as stood
            where {{ same | join(' and ') }}
            offset 0
        ) as known
    ));

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ source }}
    order by {{ keys | join(', ') }};
{%- endmacro %}
