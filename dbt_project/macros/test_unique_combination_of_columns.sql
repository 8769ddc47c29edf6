{% test unique_combination_of_columns(model, combination_of_columns) %}
    {#- No two rows have the same values in these columns, as in dbt_utils. -#}
    with keys as (
        select {{ combination_of_columns | join(', ') }}
        from {{ model }}
    )

    select count(*) as count_rows
    from keys
    group by keys
    having count(*) > 1
{% endtest %}
