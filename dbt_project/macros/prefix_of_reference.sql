{% macro prefix_of_reference(reference) -%}
    {#- The digits of a reference but for the last three, four of them: senders count their references upwards, so a
        thousand that follow each other have one place. Where one does not count, its ids share a place or
        lie anywhere, as hashes do. -#}
    right('0000' || left(regexp_replace({{ reference }}, '[^0-9]+', '', 'g'), -3), 4)
{%- endmacro %}
