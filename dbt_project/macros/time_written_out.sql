{% macro time_written_out(query) -%}
    {#- The time that a query gives as text, as a literal: of one that it does not know the planner takes a third of all
        rows to be later, and reads whole tables for a day's few. Under a letter, so that it comes as the text that it
        is, with all its digits and its offset. -#}
    {%- set told = run_query("select 'T' || (" ~ query ~ ")").rows[0][0] -%}
    cast('{{ told[1:] }}' as timestamptz)
{%- endmacro %}
