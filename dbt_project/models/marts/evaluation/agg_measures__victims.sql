-- A clock belongs to the month in which it is due; what is due at its last midnight belongs to it. What is done, or
-- past its due time, is decided; the rest still runs.
with clocks as (
    select
        cast(date_trunc('month', (due.due_at - interval '1 second') at time zone 'Europe/London') as date) as month,
        due.clock_code,
        due.force_code,
        due.count_rows as started,
        due.met,
        case
            when due.due_at < as_of.data_as_of then due.count_rows
            else due.met + due.breached
        end as decided
    from {{ ref('agg_victim_clocks__due') }} as due
    cross join {{ ref('dim_as_of') }} as as_of
),

clocks_of_month as (
    select
        clocks.month,
        dimensions.dimension,
        dimensions.dimension_code,
        sum(clocks.started) as started,
        sum(clocks.decided) as decided,
        sum(clocks.met) as met
    from clocks
    cross join
        lateral (
            values
            ('all', 'all'),
            ('clock', clocks.clock_code),
            ('force', clocks.force_code)
        ) as dimensions (dimension, dimension_code)
    group by 1, 2, 3
),

by_question as (
    select
        cast(date_trunc('month', answered_on) as date) as month,
        question_code,
        wave,
        count(*) filter (where is_positive) as positive,
        count(*) filter (where is_in_base) as base_size,
        count(*) filter (where not is_in_base) as not_in_base,
        count(*) as answers
    from {{ ref('fct_survey_answers') }}
    group by 1, 2, 3
),

answers as (
    select
        month,
        case question_code
            when 'confidence_in_police' then 'confident_' || wave
            when 'kept_informed' then 'kept_informed_' || wave
            when 'satisfied_with_police' then 'satisfied_' || wave
            when 'feels_safe' then 'feels_safe_' || wave
        end as measure_code,
        sum(positive) as positive,
        sum(base_size) as base_size
    from by_question
    group by 1, 2
),

not_answered as (
    select
        month,
        sum(not_in_base) as not_in_base,
        sum(answers) as answers
    from by_question
    group by 1
),

-- Change is the mean of the pairs' own changes; a respondent has one pair a question.
changes as (
    select
        cast(date_trunc('month', ended_on) as date) as month,
        case when is_cope_recover then 'cope_recover_distance' else 'confidence_change' end as measure_code,
        sum(score_change) as sum_of_changes,
        count(*) as pairs
    from {{ ref('fct_survey_changes') }}
    where is_cope_recover or question_code = 'confidence_in_police'
    group by 1, 2
),

counted as (
    select
        found.measure_code,
        clocks_of_month.month,
        clocks_of_month.dimension,
        clocks_of_month.dimension_code,
        found.numerator,
        found.denominator
    from clocks_of_month
    cross join
        lateral (
            values
            ('victims_code_met', clocks_of_month.met, clocks_of_month.decided),
            ('victims_code_running', clocks_of_month.started - clocks_of_month.decided, clocks_of_month.started)
        ) as found (measure_code, numerator, denominator)
    union all
    select
        measure_code,
        month,
        'all' as dimension,
        'all' as dimension_code,
        positive as numerator,
        base_size as denominator
    from answers
    where measure_code is not null
    union all
    select
        'survey_not_answered' as measure_code,
        month,
        'all' as dimension,
        'all' as dimension_code,
        not_in_base as numerator,
        answers as denominator
    from not_answered
    union all
    select
        measure_code,
        month,
        'all' as dimension,
        'all' as dimension_code,
        sum_of_changes as numerator,
        pairs as denominator
    from changes
)

select
    measure_code,
    month,
    dimension,
    dimension_code,
    cast(numerator as numeric) as numerator,
    cast(denominator as numeric) as denominator
from counted
