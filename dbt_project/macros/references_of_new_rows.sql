{% macro references_of_new_rows() -%}
    {#- References of reports that rows of new deliveries speak of: answers, referrals, the hub's own work. -#}
    {%- set speaking = [
        (ref('stg_force_responses'), 'report_ref'),
        (ref('stg_provider_responses'), 'report_ref'),
        (ref('stg_hub_activity'), 'report_ref'),
        (ref('stg_victim_support_events'), 'report_ref'),
        (ref('stg_victim_support_events'), 'crime_reference'),
        (ref('stg_victim_surveys'), 'report_ref'),
        (ref('stg_police_hate_crimes'), 'hub_reference'),
    ] -%}
    {%- for rows, column in speaking %}
    select {{ column }} as report_ref
    from {{ rows }}
    where
        {{ column }} is not null
        and delivery_id = any(array(select fresh.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as fresh))
    {% if not loop.last %}union{% endif %}
    {%- endfor %}
{%- endmacro %}
