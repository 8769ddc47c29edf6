{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {#- dbt's own asks twice for the columns and sends two statements. Every column is declared here, so one statement
        does; and a table that only had rows replaced has its comments already. -#}
    {%- if model.config.materialized == 'incremental' and code_is_unchanged() -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set comments = [] -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do comments.append(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- for name, column in model.columns.items() if column.description -%}
            {%- do comments.append(
                'comment on column ' ~ relation ~ '.' ~ name ~ ' is ' ~ postgres_escape_comment(column.description) ~ ';'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if comments -%}
        {%- do run_query(comments | join('\n')) -%}
    {%- endif -%}
{%- endmacro %}
