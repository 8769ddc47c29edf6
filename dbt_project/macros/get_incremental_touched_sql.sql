{% macro get_incremental_touched_sql(arg_dict) -%}
    {#- Rows of touched keys go, whatever became of the keys: an incident that was merged into another has no rows to
        come. The new rows of touched keys are in the temporary relation. What would come as it stands is left: most of
        what is touched has not changed, and to write it again costs more than to compare it, in every index. Two whole
        rows are equal also where both have no value in a column. -#}
    {%- set target, key = arg_dict['target_relation'], arg_dict['unique_key'] -%}
    {%- set worklist = touched_worklist(key, config.get('meta', {}).get('worklist')) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set told = config.get('meta', {}).get('tells_changed', []) -%}
    {%- set compared = ['stood.place', 'fresh.whole'] -%}
    {%- for column in told -%}
        {%- do compared.append(
            'coalesce((stood.whole).' ~ column ~ ', (fresh.whole).' ~ column ~ ') as ' ~ column) -%}
    {%- endfor -%}
    create temporary table differences on commit drop as
    select {{ compared | join(', ') }}
    from {{ looked_up(target, key, worklist, 'stood.ctid as place, stood as whole') }} as stood
    full join (
        select
            came as whole,
            true as is_there
        from {{ arg_dict['temp_relation'] }} as came
    ) as fresh on stood.whole = fresh.whole
    where stood.place is null or fresh.is_there is null;

    {%- set gone -%}
        (
            select stood.*
            from {{ target }} as stood
            where stood.ctid = any(array(select differences.place from differences where differences.place is not null))
        )
    {%- endset -%}
    {%- set came = '(select (differences.whole).* from differences where differences.place is null)' %}

    {{ tell_sums(columns, gone, came) }}

    delete from {{ target }} as stood
    where stood.ctid = any(array(select differences.place from differences where differences.place is not null));

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from (select (differences.whole).* from differences where differences.place is null) as fresh
    order by fresh.{{ key }};

    {% if told -%}
        create table if not exists {{ changed_rows(target.identifier) }} as
        select {{ told | join(', ') }}
        from differences
        with no data;

        insert into {{ changed_rows(target.identifier) }}
        select distinct {{ told | join(', ') }}
        from differences;
    {%- endif %}
{%- endmacro %}

{% macro postgres__make_temp_relation(base_relation, suffix) -%}
    {#- What touched keys have now stands where the models that come after it can read it (`of_touched`); dbt's own
        temporary tables are seen by one session alone. -#}
    {%- if config.get('incremental_strategy') == 'touched' -%}
        {%- do return(touched_rows(base_relation.identifier)) -%}
    {%- endif -%}
    {%- do return(dbt.postgres__make_temp_relation(base_relation, suffix)) -%}
{%- endmacro %}

{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- if not temporary -%}
        {%- do return(dbt.postgres__create_table_as(temporary, relation, sql) ~ with_sums(relation)) -%}
    {%- elif config.get('incremental_strategy') != 'touched' -%}
        {%- do return(dbt.postgres__create_table_as(temporary, relation, sql)) -%}
    {%- endif -%}
    drop table if exists {{ relation }};
    create unlogged table {{ relation }}
    {% if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    as ({{ sql }});
    analyze {{ relation }};
{%- endmacro %}
