{{
    config(
        indexes=[
            {'columns': ['end_answer_id'], 'unique': true},
            {'columns': ['start_answer_id']},
            {'columns': ['respondent_ref']},
        ],
    )
}}

with answers as (
    select given.*
    from {{ ref('fct_survey_answers') }} as given
    where given.is_in_base
),

-- Of several answers of one wave the first start and the last end count: the whole way.
starts as (
    select distinct on (respondent_ref, question_code) *
    from answers
    where wave = 'start'
    order by respondent_ref asc, question_code asc, answered_on asc, answer_ref asc
),

ends as (
    select distinct on (respondent_ref, question_code) *
    from answers
    where wave = 'end'
    order by respondent_ref asc, question_code asc, answered_on desc, answer_ref desc
)

select
    ends.answer_id as end_answer_id,
    starts.answer_id as start_answer_id,
    ends.delivery_id,
    ends.row_number,
    ends.respondent_ref,
    ends.question_code,
    starts.score as start_score,
    ends.score as end_score,
    ends.score - starts.score as score_change,
    starts.is_positive as is_start_positive,
    ends.is_positive as is_end_positive,
    ends.question_code like 'cope\_recover\_%' as is_cope_recover,
    starts.answered_on as started_on,
    ends.answered_on as ended_on
from starts
inner join ends on starts.respondent_ref = ends.respondent_ref and starts.question_code = ends.question_code
where ends.answered_on >= starts.answered_on
