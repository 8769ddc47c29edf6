{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- References of reports whose answers an incremental build has to do again: those that new rows name, those that an
-- earlier version of a corrected one named, and those of touched reports, which now may name another incident.
{%- set deliveries = ref('stg_ledger__new_deliveries') %}
{%- set answers = [
    (ref('stg_force_responses'), 'response_id', standing('fct_force_responses', 'marts')),
    (ref('stg_provider_responses'), 'response_id', standing('fct_provider_responses', 'marts')),
    (ref('stg_hub_activity'), 'activity_id', standing('int_hub_decisions')),
] %}

with named as (
    {{ references_of_new_rows() }}
)

select report_ref from named
union
select reports.report_ref
from {{ ref('int_reports__unioned') }} as reports
where reports.report_id in (select worklist.report_id from {{ ref('int_touched__reports') }} as worklist)
{%- for rows, key, stood in answers if stood %}
union
select stood.report_ref
from {{ stood }} as stood
where
    stood.{{ key }} in (
        select corrected.{{ key }}
        from {{ rows }} as corrected
        where corrected.delivery_id = any(array(select fresh.delivery_id from {{ deliveries }} as fresh))
    )
{%- endfor %}
