{% macro since_last_build(column) -%}
    {#- What linkage has written since it ran for the last good build of everything; `column` is the time of writing.
        Of a time that it does not know the planner takes a third of all rows to be later, and reads whole tables for a
        day's few: it is asked for first, and written out. -#}
    {%- set last_linked -%}
        select cast(coalesce(max(linked_at), '-infinity') as text)
        from {{ ref('stg_ledger__builds') }}
        where status = 'succeeded' and selection is null
    {%- endset -%}
    {%- if is_unit_test() -%}
        {{ column }} > cast(({{ last_linked }}) as timestamptz)
    {%- elif execute -%}
        {#- Under a letter, so that it comes as the text that it is, with all its digits and its offset. -#}
        {%- set told = run_query("select 'T' || (" ~ last_linked ~ ")").rows[0][0] -%}
        {{ column }} > cast('{{ told[1:] }}' as timestamptz)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
