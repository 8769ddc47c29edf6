{% test sorted_and_apart(model, first_column, last_column) %}
    {#- Ranges do not overlap, and none ends before it begins. -#}
    with neighbours as (
        select
            {{ first_column }} as first_value,
            {{ last_column }} as last_value,
            lag({{ last_column }}) over (order by {{ first_column }}) as previous_last_value
        from {{ model }}
    )

    select *
    from neighbours
    where last_value < first_value or first_value <= previous_last_value
{% endtest %}
