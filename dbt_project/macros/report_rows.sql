{% macro report_rows(model) -%}
    {#- The rows of one feed of reports, so that feeds can be joined by `union all` whatever the order in their own
        files. The feed is written out: who asks for one feed's reports then reads that feed's table alone. -#}
    select
        report_id,
        '{{ model.removeprefix('stg_') }}' as feed,
        delivery_id,
        row_number,
        {{ report_columns() }}
    from {{ ref(model) }}
{%- endmacro %}
