{% macro postgres__get_where_subquery(relation) -%}
    {#- Tests of a model that an incremental build only touched look at the touched rows (where they stand apart, or by
        the worklist), those of staging at what new deliveries brought: the others were tested when they were built. A
        test's own `where` holds as in dbt. Deliveries are looked up where an index finds them: how many rows the few new
        ones have the planner guesses from all. In raw no index finds a delivery, but one finds what was loaded since the
        first of the new ones. -#}
    {%- set conditions = [config.get('where')] if config.get('where') else [] -%}
    {%- if execute and not flags.FULL_REFRESH -%}
        {#- Found by its name: to look through all nodes for each test is a hundred thousand steps in a build. -#}
        {%- set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ relation.identifier) -%}
        {%- if node -%}
            {%- if node.config.incremental_strategy == 'touched' or node.config.meta.get('is_of_touched') -%}
                {%- set came = came_of(relation.identifier) -%}
                {%- set key = node.config.meta.get('is_of_touched') or node.config.unique_key -%}
                {%- set worklist = touched_worklist(key, node.config.meta.get('worklist')) -%}
            {%- elif node.config.incremental_strategy == 'delete+insert' or node.config.meta.get('is_of_deliveries') -%}
                {%- set key, worklist = 'delivery_id', 'staging.stg_ledger__new_deliveries' -%}
                {%- if 'loaded_at' in node.columns -%}
                    {%- do conditions.append(newly_loaded('loaded_at')) -%}
                {%- endif -%}
            {%- endif -%}
            {%- set indexed = node.config.get('indexes', []) | map(attribute='columns') | list -%}
            {%- if key == 'delivery_id' and ['delivery_id'] in indexed -%}
                {%- set looked_up_rows = looked_up(relation, key, worklist) ~ ' as looked_up' -%}
            {%- elif key and not came -%}
                {%- do conditions.append(
                    key ~ ' = any(array(select worklist.' ~ key ~ ' from ' ~ (worklist | trim) ~ ' as worklist))') -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
    {%- set looked_at = came or looked_up_rows or relation -%}
    {%- if conditions or looked_up_rows -%}
        {%- set held = ' where ' ~ conditions | join(' and ') if conditions else '' -%}
        {%- do return('(select * from ' ~ looked_at ~ held ~ ') as dbt_subquery') -%}
    {%- endif -%}
    {%- do return(looked_at) -%}
{%- endmacro %}
