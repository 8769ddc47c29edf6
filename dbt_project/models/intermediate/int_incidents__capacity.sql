{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        meta={'worklist': 'int_touched__allocations'},
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
            {'columns': ['hub_day']},
        ],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

select
    incident_id,
    hub_day,
    is_beyond_capacity,
    is_urgent,
    is_criminal,
    first_hub_reported_at
from {{ ref('int_touched__allocations') }}
where hub_day is not null
