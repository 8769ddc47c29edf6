{% macro looked_up(relation, key, worklist, columns='stood.*') -%}
    {#- The rows of a large relation (`stood`) that have one of the keys of a worklist, each key looked up by index, in
        its order, so that neighbours are found on one page. How many rows there are for a key the planner guesses from
        all keys, and would rather read the relation whole. -#}
    (
        select found.*
        from (select listed.{{ key }} from {{ worklist }} as listed order by listed.{{ key }}) as worklist
        cross join
            lateral (
                select {{ columns }}
                from {{ relation }} as stood
                where stood.{{ key }} = worklist.{{ key }} {{ row_by_row() }}
            ) as found
    )
{%- endmacro %}
