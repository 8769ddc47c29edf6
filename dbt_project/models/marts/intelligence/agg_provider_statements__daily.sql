-- Whole in each build. A statement is counted once: all its decisions together are one code.
with statements as (
    select
        told.provider_code,
        cast(told.registered_at at time zone 'UTC' as date) as registered_on,
        lower(replace(told.category, 'STATEMENT_CATEGORY_', '')) as category,
        told.is_hate_path,
        decisions.decisions,
        lower(replace(told.automated_decision, 'AUTOMATED_DECISION_', '')) as automated_decision,
        told.is_detected_automatically
    from {{ ref('fct_provider_statements') }} as told
    cross join
        lateral (
            select string_agg(lower(replace(one.code, 'DECISION_', '')), ' + ' order by one.code) as decisions
            from
                unnest(
                    told.decision_visibility
                    || array[told.decision_monetary, told.decision_provision, told.decision_account]
                ) as one (code)
            where one.code is not null
        ) as decisions
)

select
    provider_code,
    registered_on,
    category,
    is_hate_path,
    decisions,
    automated_decision,
    is_detected_automatically,
    cast(count(*) as integer) as count_statements
from statements
group by
    provider_code, registered_on, category, is_hate_path, decisions, automated_decision, is_detected_automatically
