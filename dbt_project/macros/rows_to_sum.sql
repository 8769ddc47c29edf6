{% macro rows_to_sum(name) -%}
    {#- For models of the strategy `summed`: the rows of a model (its name) that are to be added up, each with a `sign`.
        All of them, or, where what stood is added to, those that have come (1) and gone (-1) since it was last. -#}
    {%- set whole = ref(name) -%}
    {%- if is_incremental_build() and is_there(rows_to_add(this.identifier)) -%}
        {%- do return(rows_to_add(this.identifier)) -%}
    {%- endif -%}
    (select whole.*, 1 as sign from {{ whole }} as whole)
{%- endmacro %}

{% macro rows_to_add(name) -%}
    {#- Where a model of sums (its name) is told what it has not added yet. It is there only while what stands is the
        sum of all that had come before: where the model that it sums was made from nothing, it is gone. -#}
    {%- do return(api.Relation.create(
        database=target.database, schema='intermediate', identifier=name ~ '__to_add', type='table')) -%}
{%- endmacro %}

{% macro begin_to_add(name) -%}
    {#- From here on a model of sums (its name) is told what comes and goes. -#}
    {%- set told = rows_to_add(name) -%}
    drop table if exists {{ told }};
    create table {{ told }} as
    select
        whole.*,
        1 as sign
    from {{ relation_of(config.get('meta').sums_of) }} as whole
    with no data;
{%- endmacro %}

{% macro relation_of(name) -%}
    {#- The relation of a model (its name) where `ref` cannot be used: in a strategy. -#}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
    {%- do return(api.Relation.create(
        database=target.database, schema=node.schema, identifier=node.alias, type='table')) -%}
{%- endmacro %}

{% macro tell_sums(columns, gone, came) -%}
    {#- Tells models of sums which rows have gone and which have come (two relations), before anything is deleted. In
        the transaction that writes the rows: what is told and what stands cannot come apart, whatever becomes of the
        build. -#}
    {%- for name in config.get('meta', {}).get('summed_by', []) if is_there(rows_to_add(name)) %}
        insert into {{ rows_to_add(name) }} ({{ columns }}, sign)
        select
            {{ columns }},
            -1 as sign
        from {{ gone }} as gone
        union all
        select
            {{ columns }},
            1 as sign
        from {{ came }} as came;
    {%- endfor -%}
{%- endmacro %}

{% macro with_sums(relation) -%}
    {#- What belongs to a table that is made from nothing: to one of sums an index in which empty is a value like any
        other, and where it is told what is to be added; to one that is summed, that its sums are to be made anew. -#}
    {%- if config.get('incremental_strategy') == 'summed' -%}
        create unique index on {{ relation }} ({{ config.get('unique_key') | join(', ') }}) nulls not distinct;

        {{ begin_to_add(this.identifier) }}
    {%- endif -%}
    {%- for name in config.get('meta', {}).get('summed_by', []) %}
        drop table if exists {{ rows_to_add(name) }};
    {%- endfor -%}
{%- endmacro %}
