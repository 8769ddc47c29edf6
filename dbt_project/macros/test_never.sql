{% test never(model, condition) %}
    {#- No row for which `condition`, SQL over the model's columns, is true. -#}
    select *
    from {{ model }}
    where {{ condition }}
{% endtest %}
