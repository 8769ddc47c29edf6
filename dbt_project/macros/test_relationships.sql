{% macro postgres__test_relationships(model, column_name, to, field) -%}
    {#- As dbt's own, value by value: joined, the planner reads a parent of millions whole for the few thousand rows
        that an incremental build has touched. Of parents that every build makes anew, it may. -#}
    {%- set parent_node = graph.nodes.get('model.' ~ project_name ~ '.' ~ to.identifier) if execute -%}
    select child.from_field
    from (
        select distinct {{ column_name }} as from_field
        from {{ model }}
        where {{ column_name }} is not null
    ) as child
    where
        not exists (
            select 1
            from {{ to }} as parent
            where parent.{{ field }} = child.from_field
            {{ row_by_row() if parent_node and parent_node.config.materialized == 'incremental' }}
        )
{%- endmacro %}
