{% macro changes_of(name) -%}
    {#- For worklists: what has changed in a model (its name) since the last good build of everything, the columns that
        its `meta` says under `tells_changed`, both of rows that went and of rows that came. Who is made of that model
        alone has nothing to do where nothing of it is other than it was. What a build that failed has changed stays
        told until a later one comes to its end. In a unit test all that is given has changed. -#}
    {%- set whole = ref(name) -%}
    {%- set told = ['*'] -%}
    {%- if execute and not is_unit_test() -%}
        {%- set told = graph.nodes['model.' ~ project_name ~ '.' ~ name].config.meta.tells_changed -%}
        {%- set changed = changed_rows(name) -%}
        {%- set is_told = is_there(changed) -%}
    {%- endif -%}
    {%- if is_told -%}
        {{ changed }}
    {%- elif is_unit_test() -%}
        {{ whole }}
    {%- else -%}
        (select {{ told | join(', ') }} from {{ whole }} where false)
    {%- endif -%}
{%- endmacro %}

{% macro changed_rows(name) -%}
    {%- do return(api.Relation.create(
        database=target.database, schema='intermediate', identifier=name ~ '__changed', type='table')) -%}
{%- endmacro %}
