{% macro record_id(kind, key) -%}
    {#- The id (a UUID) of a record. `kind`: its feed, or another kind of thing that a record is about. `key`: SQL
        expressions of type text that identify the record; the last is the sender's reference.
        A build that adds new records should write to few pages of an index, so the ids of new records must be close
        together. Most senders number their references upwards: the id therefore begins with the four digits before the
        last three of the reference, which are the same for a thousand references in a row. Without such numbers the
        ids are just as right, but the build can be slower. -#}
    {%- set digits = "regexp_replace(" ~ (key | last) ~ ", '[^0-9]+', '', 'g')" -%}
    {{ stable_id(["'" ~ kind ~ "'"] + key, prefix="right('0000' || left(" ~ digits ~ ", -3), 4)") }}
{%- endmacro %}
