-- Whole in each build. A statement is counted once: all its decisions together are one code. What is not followed comes
-- as sums.
with statements as (
    select
        provider_code,
        cast(registered_at at time zone 'UTC' as date) as registered_on,
        category,
        is_hate_path,
        decision_visibility,
        decision_monetary,
        decision_provision,
        decision_account,
        automated_decision,
        is_detected_automatically,
        cast(1 as bigint) as count_statements
    from {{ ref('fct_provider_statements') }}
    union all
    select
        providers.provider_code,
        archived.registered_on,
        archived.category,
        false as is_hate_path,
        archived.decision_visibility,
        archived.decision_monetary,
        archived.decision_provision,
        archived.decision_account,
        archived.automated_decision,
        archived.is_detected_automatically,
        archived.count_statements
    from {{ ref('int_statements__archived') }} as archived
    inner join {{ ref('dim_provider') }} as providers
        on {{ comparable_name('archived.platform_name') }} = providers.written_name
),

coded as (
    select
        told.provider_code,
        told.registered_on,
        lower(replace(told.category, 'STATEMENT_CATEGORY_', '')) as category,
        told.is_hate_path,
        decisions.decisions,
        lower(replace(told.automated_decision, 'AUTOMATED_DECISION_', '')) as automated_decision,
        told.is_detected_automatically,
        told.count_statements
    from statements as told
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
    cast(sum(count_statements) as integer) as count_statements
from coded
group by
    provider_code, registered_on, category, is_hate_path, decisions, automated_decision, is_detected_automatically
