{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['incident_id', 'strand_code'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
select
    incidents.incident_id,
    codes.strand_code,
    incidents.delivery_id,
    incidents.row_number
from {{ ref('int_incidents') }} as incidents
cross join lateral unnest(incidents.strands) as codes (strand_code)
{% if is_incremental() %}
    where incidents.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
{% endif %}
