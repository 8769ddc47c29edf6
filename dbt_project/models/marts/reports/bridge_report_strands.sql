{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="
            {% if is_incremental() %}
                delete from {{ this }} where report_id in (
                    select report_id from {{ ref('int_reports__unioned') }}
                    where delivery_id in (select arrived.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as arrived)
                )
            {% endif %}",
        indexes=[{'columns': ['report_id', 'strand_code'], 'unique': true}],
    )
}}

-- depends_on: {{ ref('int_reports__unioned') }}, {{ ref('stg_ledger__new_deliveries') }}
select
    report_id,
    strand_code,
    delivery_id,
    row_number
from {{ ref('int_reports__strands') }}
{% if is_incremental() %}
    where delivery_id in (select arrived.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as arrived)
{% endif %}
