{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[{'columns': ['incident_id']}],
    )
}}

select
    incidents.incident_id,
    codes.strand_code,
    incidents.delivery_id,
    incidents.row_number
from {{ of_touched('int_incidents') }} as incidents
cross join lateral unnest(incidents.strands) as codes (strand_code)
