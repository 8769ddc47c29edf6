{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='answer_id',
        on_schema_change='fail',
        indexes=[{'columns': ['answer_id'], 'unique': true}],
    )
}}

select
    answer_id,
    delivery_id,
    row_number,
    answer_ref,
    respondent_ref,
    report_ref,
    question_code,
    wave,
    answer,
    cast(case when answer ~ '^[1-5]$' then answer end as integer) as score,
    answer ~ '^[1-5]$' as is_in_base,
    -- The two best of five. Who does not know or does not say is in no base, and is counted by itself.
    case when answer ~ '^[1-5]$' then answer in ('4', '5') end as is_positive,
    answered_on
from {{ ref('stg_victim_surveys') }}
where {{ newly_delivered('delivery_id') }}
