{% macro of_touched(name, key='incident_id', worklist=none) -%}
    {#- The rows of a model (its name) that a model over the same worklist is made of: those of touched keys in an
        incremental build, all of a full one. What the same build made of them stands apart, and is read from there:
        to look them up again among those of years takes as many steps as there are rows, in every model that asks. Of a
        model over another worklist they are looked up. -#}
    {%- set whole = ref(name) -%}
    {%- if not is_unit_test() -%}
        {%- set listed = ref(worklist_name(key, worklist)) -%}
    {%- endif -%}
    {%- if not is_incremental_build() -%}
        {{ whole }}
    {%- else -%}
        {%- set made = graph.nodes['model.' ~ project_name ~ '.' ~ name].config -%}
        {%- set is_same_list = (
            made.unique_key == key
            and worklist_name(key, made.meta.get('worklist')) == worklist_name(key, worklist)
        ) -%}
        {{ (came_of(name) if is_same_list) or looked_up(whole, key, listed) }}
    {%- endif -%}
{%- endmacro %}

{% macro came_of(name) -%}
    {#- Where what this build made of a model's touched rows stands, if it did. A build leaves nothing of it. -#}
    {%- set came = touched_rows(name) -%}
    {%- if is_there(came) -%}
        {%- do return(came) -%}
    {%- endif -%}
{%- endmacro %}

{% macro touched_rows(name) -%}
    {%- do return(api.Relation.create(
        database=target.database, schema='intermediate', identifier=name ~ '__touched', type='table')) -%}
{%- endmacro %}
