{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['activity_ref'],
        on_schema_change='fail',
        meta={'summed_by': ['agg_hub_hours__monthly']},
        indexes=[
            {'columns': ['activity_ref'], 'unique': true},
            {'columns': ['report_ref']},
            {'columns': ['delivery_id']},
        ],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

with source as (
    {{ accepted_rows('hub_activity') }}
),

renamed as (
    select
        {{ record_id('hub_activity', ['activity_ref']) }} as activity_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        activity_ref,
        report_ref,
        role,
        activity,
        decision,
        detail_code,
        officer_code_token,
        cast(hours as numeric) as hours,
        cast(started_at as timestamptz) as started_at,
        cast(changed_at as timestamptz) as changed_at
    from source
),

-- The latest change wins, else the later start.
latest as (
    {{ latest_versions(key=['activity_ref']) }}
)

select * from latest
