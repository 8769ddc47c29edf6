{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='delivery_id',
        indexes=[
            {'columns': ['event_id', 'version_order'], 'unique': true},
            {'columns': ['delivery_id']},
            {'columns': ['report_id']},
            {'columns': ['report_ref']},
            {'columns': ['crime_reference']},
            {'columns': ['client_ref', 'service_code']},
        ],
    )
}}

-- A delivery that is new again, because rows of it were released, is taken in again whole.
-- depends_on: {{ ref('stg_ledger__new_deliveries') }}
{% set columns = [
    'event_id', 'report_id', 'delivery_id', 'row_number', 'record_hash', 'feed', 'event_ref', 'report_ref',
    'crime_reference', 'service_code', 'client_ref', 'event_kind', 'event_detail', 'happened_at', 'recorded_at',
    'version_order', 'known_at', 'loaded_at',
] %}
{% set feeds = [
    ref('stg_true_vision_reports__versions'),
    ref('stg_community_reports__versions'),
    ref('stg_volunteer_reports__versions'),
    ref('stg_police_hate_crimes__versions'),
    ref('stg_force_responses__versions'),
    ref('stg_provider_responses__versions'),
    ref('stg_victim_support_events__versions'),
    ref('stg_hub_activity__versions'),
    ref('stg_victim_surveys__versions'),
] %}
with records as (
    {% for relation in feeds %}
        select {{ columns | join(', ') }}
        from {{ relation }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select records.*
from records
{% if is_incremental() %}
    -- An array, because the planner takes no join down into each feed's rows.
    where
        records.delivery_id = any(
            array(select arrived.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as arrived)
        )
        and records.loaded_at >= (
            select min(arrived.loaded_at) from {{ ref('stg_ledger__new_deliveries') }} as arrived
        )
{% endif %}
