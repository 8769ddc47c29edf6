{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Respondents of surveys whose change an incremental build has to measure again: those of whom new deliveries brought
-- an answer, and of whom an answer was measured that a new delivery ascribes to another; what stood is read past `ref`,
-- as it is written later in the same build.
with came as (
    select
        answers.answer_id,
        answers.respondent_ref
    from {{ looked_up(ref('stg_victim_surveys'), 'delivery_id', ref('stg_ledger__new_deliveries')) }} as answers
    where {{ adds_to_what_stands() }}
)

select respondent_ref from came
{%- for stood in [standing('fct_survey_changes', 'marts')] if stood %}
    {%- for answer in ('start_answer_id', 'end_answer_id') %}
        union
        select known.respondent_ref
        from came
        cross join
            lateral (
                select stood.respondent_ref
                from {{ stood }} as stood
                where stood.{{ answer }} = came.answer_id
                {{ row_by_row() }}
            ) as known
    {%- endfor %}
{%- else %}
    group by respondent_ref
{%- endfor %}
