{% test unique_combination_of_columns(model, combination_of_columns) %}
    {#- No two rows have the same values in these columns, as in dbt_utils. -#}
    {%- set columns = combination_of_columns | join(', ') -%}
    select {{ columns }}
    from {{ model }}
    group by {{ columns }}
    having count(*) > 1
{% endtest %}
