{% test row_rules(model, key=[], other_keys=[], filled=[], values={}, looks_once=false) %}
    {#- What holds for each row: no two rows have the same `key` (columns, together), nor the same of one of the
        `other_keys` (lists of columns) unless one of its columns is null; the `filled` columns are never null; and a
        column of `values` has one of the listed ones or none. Gives a row a broken rule, with the number of rows (of
        keys, for a key) that break it and none of their values. One test a model, since each costs a connection and
        more, whatever it looks at. `looks_once`: for a view that is made of much: its rows are put aside and looked at
        there, not made again for each key; and so are those that a build has touched, not looked for again. -#}
    {%- set looks_once = looks_once or (model | trim).startswith('(') -%}
    {%- set rows = 'looked_at' if looks_once else model -%}
    {%- if looks_once -%}
        with looked_at as materialized (select * from {{ model }})
    {% endif -%}
    {%- set rules = [] -%}
    {%- for column in filled -%}
        {%- do rules.append((column ~ ' is empty', column ~ ' is null')) -%}
    {%- endfor -%}
    {%- for column, listed in values.items() -%}
        {%- set quoted = [] -%}
        {%- for value in listed -%}
            {%- do quoted.append("'" ~ (value | string).replace("'", "''") ~ "'") -%}
        {%- endfor -%}
        {%- do rules.append((column ~ ' is not of its list', column ~ '::text not in (' ~ quoted | join(', ') ~ ')')) -%}
    {%- endfor -%}
    {%- if rules %}
        select
            rules.broken,
            rules.count_broken
        from (
            select
                {%- for name, condition in rules %}
                    count(*) filter (where {{ condition }}) as count_{{ loop.index }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ rows }}
        ) as counts
        cross join lateral (
            values
            {%- for name, condition in rules %}
                ('{{ name }}', counts.count_{{ loop.index }}){{ ',' if not loop.last }}
            {%- endfor %}
        ) as rules (broken, count_broken)
        where rules.count_broken > 0
    {%- endif -%}
    {%- for columns in ([key] if key else []) + other_keys %}
        {{ 'union all' if rules or not loop.first }}
        select
            '{{ columns | join(', ') }} is there twice' as broken,
            count(*) as count_broken
        from (
            select 1
            from {{ rows }}
            {%- if columns != key %}
                where {{ columns | join(' is not null and ') }} is not null
            {%- endif %}
            group by {{ columns | join(', ') }}
            having count(*) > 1
        ) as repeated
        having count(*) > 0
    {%- endfor %}
{% endtest %}
