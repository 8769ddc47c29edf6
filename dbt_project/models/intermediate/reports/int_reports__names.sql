-- A view: who looks for a name finds it by the indexes of each feed's staging table. A force's record quotes the crime
-- that it is.
{{ config(materialized='view') }}

select
    report_id,
    delivery_id,
    'report_ref' as reference_kind,
    report_ref as reference
from {{ ref('int_reports__unioned') }}
union all
select
    report_id,
    delivery_id,
    'crime_reference' as reference_kind,
    crime_reference as reference
from {{ ref('int_reports__unioned') }}
where crime_reference is not null
