{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- References whose answers an incremental build has to do again: those that new answers and decisions name, and those
-- that an earlier version of a corrected one named.
{%- set deliveries = ref('stg_ledger__new_deliveries') %}
{%- set answers = [
    (ref('stg_force_responses'), 'response_id', standing('fct_force_responses', 'marts')),
    (ref('stg_provider_responses'), 'response_id', standing('fct_provider_responses', 'marts')),
    (ref('stg_hub_activity'), 'activity_id', standing('int_hub_decisions')),
] %}

with brought as (
    {%- for rows, key, stood in answers %}
        select
            fresh.report_ref,
            fresh.{{ key }} as answer_id
        from {{ rows }} as fresh
        where fresh.delivery_id = any(array(select deliveries.delivery_id from {{ deliveries }} as deliveries))
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select distinct report_ref from brought
where report_ref is not null
{%- for rows, key, stood in answers if stood %}
    union
    select stood.report_ref
    from {{ stood }} as stood
    where stood.{{ key }} = any(array(select brought.answer_id from brought)) and stood.report_ref is not null
{%- endfor %}
