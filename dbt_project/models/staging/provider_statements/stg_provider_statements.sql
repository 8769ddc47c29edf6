{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['statement_id'],
        indexes=[
            {'columns': ['statement_id'], 'unique': true},
            {'columns': ['delivery_id']},
            {'columns': ['platform_name']},
        ],
    )
}}

with source as (
    {{ accepted_rows('provider_statements', new_only=is_incremental()) }}
),

renamed as (
    select
        cast(uuid as uuid) as statement_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        platform_name,
        platform_uid,
        {{ text_array_from_json('decision_visibility') }} as decision_visibility,
        decision_visibility_other,
        decision_monetary,
        decision_monetary_other,
        decision_provision,
        decision_account,
        account_type,
        decision_ground,
        decision_ground_reference_url,
        illegal_content_legal_ground,
        illegal_content_explanation,
        incompatible_content_ground,
        incompatible_content_explanation,
        category,
        {{ text_array_from_json('category_addition') }} as category_addition,
        {{ text_array_from_json('category_specification') }} as keywords,
        category_specification_other as keyword_other,
        {{ text_array_from_json('content_type') }} as content_types,
        content_type_other,
        content_language,
        content_id_ean,
        {{ text_array_from_json('territorial_scope') }} as territorial_scope,
        decision_facts,
        source_type,
        source_identity_token,
        automated_decision,
        cast(incompatible_content_illegal as boolean) as is_incompatible_content_illegal,
        cast(automated_detection as boolean) as is_detected_automatically,
        cast(content_date as date) as content_on,
        cast(application_date as date) as applied_on,
        cast(end_date_visibility_restriction as date) as visibility_ends_on,
        cast(end_date_monetary_restriction as date) as monetary_ends_on,
        cast(end_date_service_restriction as date) as service_ends_on,
        cast(end_date_account_restriction as date) as account_ends_on,
        -- The register writes no zone; its times are in UTC.
        cast(created_at as timestamp) at time zone 'UTC' as registered_at
    from source
)

-- The register's identifier is unique; a corrected dump brings it again. Never by load time: dumps come in any order.
{{ newest_delivered('renamed', key=['statement_id']) }}
