{% macro mention_id(record_id, role) -%}
    {#- The mention of a person, in a role (victim, reporter), by a record: a report, or a support service's event. -#}
    {{ stable_id(["cast(" ~ record_id ~ " as text)", "'" ~ role ~ "'"], prefix=prefix_of_id(record_id)) }}
{%- endmacro %}
