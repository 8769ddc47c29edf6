{% macro newly_loaded(column, feed=none) -%}
    {#- Rows loaded since the first of the new deliveries (of `feed`): the time is the one index that a load pays
        for. -#}
    {%- set first_load -%}
        select cast(coalesce(min(loaded_at), 'infinity') as text)
        from staging.stg_ledger__new_deliveries
        {% if feed %}where feed = '{{ feed }}'{% endif %}
    {%- endset -%}
    {%- if execute -%}
        {{ column }} >= {{ time_written_out(first_load) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
