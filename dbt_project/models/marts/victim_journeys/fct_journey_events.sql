{{
    config(
        materialized='incremental',
        incremental_strategy='touched',
        unique_key='incident_id',
        on_schema_change='fail',
        indexes=[
            {'columns': ['event_id'], 'unique': true},
            {'columns': ['incident_id']},
            {'columns': ['journey_id', 'happened_at']},
        ],
        post_hook='{{ keep_statistics(this) }}',
    )
}}

select
    versions.event_id,
    versions.journey_id,
    versions.incident_id,
    versions.victim_person_id,
    versions.report_id,
    versions.delivery_id,
    versions.row_number,
    versions.feed,
    versions.event_ref,
    versions.service_code,
    versions.event_kind,
    versions.event_detail,
    versions.match_basis,
    versions.happened_at,
    versions.recorded_at,
    versions.known_at
from {{ of_touched('fct_journey_event_versions') }} as versions
where versions.known_to is null
