{{ config(materialized='view') }}

select
    reports.report_id,
    reports.delivery_id,
    reports.row_number,
    codes.strand_code
from {{ ref('int_reports__unioned') }} as reports
cross join lateral unnest(reports.strands) as codes (strand_code)
