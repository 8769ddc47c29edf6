{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['line_ref'],
        indexes=[
            {'columns': ['line_ref'], 'unique': true},
            {'columns': ['spend_line_id'], 'unique': true},
            {'columns': ['delivery_id']},
        ],
    )
}}

with source as (
    {{ accepted_rows('programme_spend', new_only=is_incremental()) }}
),

renamed as (
    select
        {{ record_id('programme_spend', ['line_ref']) }} as spend_line_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        line_ref,
        budget_line,
        funding_source,
        {{ month_start('period_month') }} as period_month,
        {{ pounds('budget_amount') }} as budget_amount,
        {{ pounds('spent_amount') }} as spent_amount,
        {{ pounds('claimed_amount') }} as claimed_amount,
        cast(claimed_on as date) as claimed_on,
        cast(changed_at as timestamptz) as changed_at
    from source
)

{{ newest_delivered('renamed', key=['line_ref']) }}
