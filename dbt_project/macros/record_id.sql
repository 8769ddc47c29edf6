{% macro record_id(kind, key) -%}
    {#- The id of a record of a feed, or of another `kind` of thing that it is about. `key`: SQL for what finds the
        record, of type text; the sender's reference comes last. The id begins with that reference's digits but for the
        last three, four of them: senders count their references upwards, so a thousand that follow each other have one
        place. Where one does not count, its ids share a place or lie anywhere, as hashes do. -#}
    {%- set digits = "regexp_replace(" ~ (key | last) ~ ", '[^0-9]+', '', 'g')" -%}
    {{ stable_id(["'" ~ kind ~ "'"] + key, prefix="right('0000' || left(" ~ digits ~ ", -3), 4)") }}
{%- endmacro %}
