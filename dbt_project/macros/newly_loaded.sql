{% macro newly_loaded(column, feed=none) -%}
    {#- Rows loaded since the first of the new deliveries (of `feed`): the time is the one index that a load pays for.
        It is asked for first and written out, because of one that it does not know the planner takes a third of all
        rows to be later, and reads them whole. -#}
    {%- set first_load -%}
        select cast(coalesce(min(loaded_at), 'infinity') as text)
        from staging.stg_ledger__new_deliveries
        {% if feed %}where feed = '{{ feed }}'{% endif %}
    {%- endset -%}
    {%- if execute -%}
        {#- Under a letter, so that it comes as the text that it is, with all its digits and its offset. -#}
        {%- set told = run_query("select 'T' || (" ~ first_load ~ ")").rows[0][0] -%}
        {{ column }} >= cast('{{ told[1:] }}' as timestamptz)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
