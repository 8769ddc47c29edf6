{# Numbers of the known issues that bear on a row's figures, smallest first, joined by commas; null if there are none.
   The row is of a `day` or of a `month` (its first day; null: of all time); `only` has further conditions, by column of
   the issue: it is empty or the same. #}
{% macro known_issue_ids(view_name, day=none, month=none, only={}) -%}
    {%- set first = day if day else "coalesce(" ~ month ~ ", cast('-infinity' as date))" -%}
    {%- set end_of_month = "cast(" ~ month ~ " + interval '1 month' as date) - 1" -%}
    {%- set last = day if day else "coalesce(" ~ end_of_month ~ ", cast('infinity' as date))" -%}
    {%- set conditions = [
        "figures.view_name = '" ~ view_name ~ "'",
        "figures.from_on <= " ~ last,
        "coalesce(figures.to_on, cast('infinity' as date)) >= " ~ first
    ] -%}
    {%- for column, value in only.items() -%}
        {%- do conditions.append("(figures." ~ column ~ " is null or figures." ~ column ~ " = " ~ value ~ ")") -%}
    {%- endfor -%}
    (
        select string_agg(cast(figures.issue_id as text), ', ' order by figures.issue_id)
        from {{ ref('dim_known_issue_figure') }} as figures
        where {{ conditions | join(' and ') }}
    )
{%- endmacro %}
