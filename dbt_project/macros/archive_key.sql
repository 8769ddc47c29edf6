{% macro archive_key(feed, key) -%}
    {#- The key of a record as the archive has it: 128 bits of SHA-256 over feed and key. `key`: SQL of type text. -#}
    cast(left(encode(sha256(convert_to('{{ feed }} ' || {{ key }}, 'UTF8')), 'hex'), 32) as uuid)
{%- endmacro %}
