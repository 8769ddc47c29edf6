-- A view, because the versions have all its rows: a table would write each day's rows twice.
{{ config(materialized='view') }}

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
from {{ ref('fct_journey_event_versions') }} as versions
where versions.known_to is null
