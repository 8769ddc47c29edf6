{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='report_ref',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__answered_references', 'tells_changed': ['report_ref']},
        indexes=[{'columns': ['report_ref']}, {'columns': ['activity_id'], 'unique': true}],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

select
    activity_id,
    delivery_id,
    row_number,
    activity_ref,
    report_ref,
    activity,
    decision,
    started_at
from {{ of_touched('stg_hub_activity', key='report_ref', worklist='int_touched__answered_references') }}
where
    activity in ('triage', 'allocation')
    and report_ref is not null
