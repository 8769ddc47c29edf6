{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='report_id',
        on_schema_change='fail',
        indexes=[{'columns': ['report_id']}],
    )
}}

select
    report_id,
    strand_code,
    delivery_id,
    row_number
from {{ ref('int_reports__strands') }}
where {{ touched('report_id', 'report_id') }}
