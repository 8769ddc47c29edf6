{% materialization view, adapter='postgres' %}
    {#- A view of unchanged code that still stands is left alone: made again, it would have to be swapped, described and
        granted again, in every build. One over a table that was swapped went with the old table, and is made. -#}
    {%- set standing = load_cached_relation(this) -%}
    {%- if standing is not none and standing.is_view and code_is_unchanged() -%}
        {%- call noop_statement('main', message='STANDS') -%}{{ sql }}{%- endcall -%}
        {{ return({'relations': [standing]}) }}
    {%- endif -%}
    {{ return(dbt.materialization_view_default()) }}
{% endmaterialization %}
