{% macro record_id(kind, key) -%}
    {#- The id of a record of a feed, or of another `kind` of thing that it tells of. `key`: SQL for what finds the
        record, of type text; the sender's reference comes last. -#}
    {{ stable_id(["'" ~ kind ~ "'"] + key, prefix=prefix_of_reference(key | last)) }}
{%- endmacro %}
