{% macro since_last_build(column) -%}
    {#- What linkage has written since it ran for the last good build of everything; `column` is the time of
        writing. -#}
    {%- set last_linked -%}
        select cast(coalesce(max(linked_at), '-infinity') as text)
        from {{ ref('stg_ledger__builds') }}
        where status = 'succeeded' and selection is null
    {%- endset -%}
    {%- if is_unit_test() -%}
        {{ column }} > cast(({{ last_linked }}) as timestamptz)
    {%- elif execute -%}
        {{ column }} > {{ time_written_out(last_linked) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
