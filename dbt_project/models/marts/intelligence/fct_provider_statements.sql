{{ config(materialized='view') }}

-- A view: a day of a register is millions of statements, and only their sums are read. What went to the archive is
-- in none of its rows but in sums (int_statements__archived), also where an older version of it was followed.
with statements as (
    select
        told.*,
        {{ comparable_name('told.platform_name') }} as written_platform_name
    from {{ ref('stg_provider_statements') }} as told
    where
        told.record_hash not in (
            select versions.record_hash from {{ ref('int_statements__versions') }} as versions
            where not versions.is_newest
        )
),

-- The category may be an addition to another; the keyword tells which part of it is hate.
hate_statements as (
    select distinct statements.statement_id
    from statements
    inner join {{ ref('hate_statement_paths') }} as paths
        on
            (statements.category = paths.category or paths.category = any(statements.category_addition))
            and paths.keyword = any(statements.keywords)
)

select
    statements.statement_id,
    statements.delivery_id,
    statements.row_number,
    providers.provider_code,
    statements.platform_uid,
    statements.category,
    statements.keywords,
    statements.decision_ground,
    statements.decision_visibility,
    statements.decision_monetary,
    statements.decision_provision,
    statements.decision_account,
    statements.source_type,
    statements.content_types,
    statements.content_language,
    statements.territorial_scope,
    statements.automated_decision,
    statements.is_detected_automatically,
    hate_statements.statement_id is not null as is_hate_path,
    statements.content_on,
    statements.applied_on,
    statements.registered_at
from statements
inner join {{ ref('dim_provider') }} as providers
    on statements.written_platform_name = providers.written_name
left join hate_statements
    on statements.statement_id = hate_statements.statement_id
