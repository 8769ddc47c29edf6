{% macro delete_affected(list) -%}
    {#- For the pre-hook of an incremental model: its rows of the incidents on a list go before they are made again,
        also those of incidents that have none any more. -#}
    {%- if is_incremental() -%}
        delete from {{ this }} where incident_id in (select incident_id from {{ ref(list) }})
    {%- endif -%}
{%- endmacro %}
