{% macro is_newly_fed(feed) -%}
    {#- For models of a feed that are made anew as a whole: whether an incremental build has anything new of it. Where
        it has not, nothing of them is read. -#}
    {%- if not is_unit_test() -%}
        {%- set arrived = ref('stg_ledger__new_deliveries') -%}
    {%- endif -%}
    {%- if is_incremental_build() -%}
        exists (select from {{ arrived }} as deliveries where deliveries.feed = '{{ feed }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
