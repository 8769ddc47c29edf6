{% macro touched_reports() -%}
    {#- Reports as the feeds tell of them: of an incremental build those of touched incidents, of a full one all. Which
        feed has a report its id does not say: once a build each is looked up in all of them, and what is found stands
        apart for every model that asks. -#}
    {%- set whole = ref('int_reports__unioned') -%}
    {%- if not is_unit_test() -%}
        {%- set gathered = ref('int_reports__unioned__touched') -%}
    {%- endif -%}
    {{ (came_of('int_reports__unioned') if is_incremental_build()) or whole }}
{%- endmacro %}
