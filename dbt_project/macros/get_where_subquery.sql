{% macro postgres__get_where_subquery(relation) -%}
    {#- Tests of a model that an incremental build only touched look at the touched rows: the others were tested when
        they were built. A test's own `where` holds as in dbt. -#}
    {%- set conditions = [config.get('where')] if config.get('where') else [] -%}
    {%- if execute and not flags.FULL_REFRESH -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.alias == relation.identifier
            and node.config.incremental_strategy == 'touched' -%}
            {%- set key = node.config.unique_key -%}
            {%- do conditions.append(
                key ~ ' in (select worklist.' ~ key ~ ' from ' ~ (touched_worklist(key) | trim) ~ ' as worklist)') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if conditions -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ conditions | join(' and ') ~ ') as dbt_subquery') -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}
