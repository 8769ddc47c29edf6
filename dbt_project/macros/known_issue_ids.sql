{# Ids of the known issues that affect a row's figures, ascending, joined by ', '; null if there are none. Pass the
   row's `day`, or its `month` (the first day; an SQL null means all time). `only` maps columns of an issue to SQL values:
   an issue applies if its column is null or equal. #}
{% macro known_issue_ids(view_name, day=none, month=none, only={}) -%}
    {%- set starts_on = day if day else "coalesce(" ~ month ~ ", cast('-infinity' as date))" -%}
    {%- set end_of_month = "cast(" ~ month ~ " + interval '1 month' as date) - 1" -%}
    {%- set ends_on = day if day else "coalesce(" ~ end_of_month ~ ", cast('infinity' as date))" -%}
    {%- set conditions = [
        "figures.view_name = '" ~ view_name ~ "'",
        "figures.from_on <= " ~ ends_on,
        "coalesce(figures.to_on, cast('infinity' as date)) >= " ~ starts_on
    ] -%}
    {%- for column, value in only.items() -%}
        {%- do conditions.append("(figures." ~ column ~ " is null or figures." ~ column ~ " = " ~ value ~ ")") -%}
    {%- endfor -%}
    (
        select string_agg(cast(touching.issue_id as text), ', ' order by touching.issue_id)
        from (
            select distinct figures.issue_id
            from {{ ref('dim_known_issue_figure') }} as figures
            where {{ conditions | join(' and ') }}
        ) as touching
    )
{%- endmacro %}
