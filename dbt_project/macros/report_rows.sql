{% macro report_rows(model) -%}
    {#- The rows of one feed of reports, so that feeds can be joined by `union all` whatever the order in their own
        files. -#}
    select
        report_id,
        feed,
        delivery_id,
        row_number,
        {{ report_columns() }}
    from {{ ref(model) }}
{%- endmacro %}
