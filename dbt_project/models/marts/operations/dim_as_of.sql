{{ config(materialized='view') }}

select max(loaded_at) as data_as_of
from {{ ref('fct_deliveries') }}
where status = 'loaded'
