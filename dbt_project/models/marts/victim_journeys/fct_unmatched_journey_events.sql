{{ config(indexes=[{'columns': ['event_id'], 'unique': true}]) }}

with versions as (
    select
        told.*,
        row_number() over (
            partition by told.event_id
            order by told.version_order desc
        ) as version_rank
    from {{ ref('int_journey_records') }} as told
    where told.event_id in (
        select unmatched.event_id from {{ ref('int_journey_matches') }} as unmatched
        where unmatched.incident_id is null
    )
)

select
    versions.event_id,
    versions.delivery_id,
    versions.row_number,
    versions.feed,
    versions.event_ref,
    versions.report_ref,
    versions.crime_reference,
    versions.service_code,
    versions.client_ref,
    versions.event_kind,
    versions.event_detail,
    matches.match_basis as reason,
    versions.happened_at,
    versions.recorded_at,
    versions.known_at
from versions
inner join {{ ref('int_journey_matches') }} as matches
    on versions.event_id = matches.event_id and versions.record_hash = matches.record_hash
where versions.version_rank = 1 and matches.incident_id is null
