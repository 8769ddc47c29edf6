{% test unique_combination(model, columns) %}
    {#- No two rows have the same values in `columns` together. -#}
    select
        {{ columns | join(', ') }},
        count(*) as count_rows
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
