{{
    config(
        indexes=[
            {'columns': ['answer_id'], 'unique': true},
            {'columns': ['respondent_ref']},
            {'columns': ['delivery_id']},
        ],
    )
}}

select
    given.answer_id,
    given.delivery_id,
    given.row_number,
    given.answer_ref,
    given.respondent_ref,
    given.report_ref,
    given.question_code,
    given.wave,
    given.answer,
    cast(case when given.answer ~ '^[1-5]$' then given.answer end as integer) as score,
    given.answer ~ '^[1-5]$' as is_in_base,
    -- The two best of five. Who does not know or does not say is in no base, and is counted by itself.
    case when given.answer ~ '^[1-5]$' then given.answer in ('4', '5') end as is_positive,
    given.answered_on
from {{ ref('stg_victim_surveys') }} as given
