{% test expression_is_true(model, expression) %}
    {#- The expression, SQL over the model's columns, is false of no row, as in dbt_utils. -#}
    select *
    from {{ model }}
    where not ({{ expression }})
{% endtest %}
