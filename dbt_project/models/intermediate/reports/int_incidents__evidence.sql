{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ delete_affected('int_affected_incidents') }}",
        indexes=[
            {'columns': ['incident_id'], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_affected_incidents') }}
with reports as (
    select linked.*
    from {{ ref('int_reports__incidents') }} as linked
    {% if is_incremental() %}
        where linked.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
    {% endif %}
),

suspects as (
    select named.*
    from {{ ref('int_incidents__suspects') }} as named
    where
        named.force_code is not null
        {% if is_incremental() %}
            and named.incident_id in (select affected.incident_id from {{ ref('int_affected_incidents') }} as affected)
        {% endif %}
),

-- The evidence ladder in force when the first report came; for reports older than every ladder, the first one. The
-- incident is online where any report says so, whatever others say.
incidents as (
    select
        incident_id,
        greatest(
            {{ london_date('min(reported_at)') }},
            (select min(ladder.valid_from) from {{ ref('evidence_ladder') }} as ladder)
        ) as ladder_on,
        case
            when bool_or(is_online = 'yes') then 'yes'
            when bool_or(is_online = 'no') then 'no'
            else 'unknown'
        end as is_online
    from reports
    group by incident_id
),

candidates as (
    select
        reports.incident_id,
        places.location_evidence,
        places.force_code,
        places.lad_code,
        places.offence_lsoa_code,
        places.force_share,
        reports.reported_at as known_at
    from reports
    inner join {{ ref('int_reports__places') }} as places on reports.report_id = places.report_id
    where places.force_code is not null
    union all
    select
        incident_id,
        'suspect_location' as location_evidence,
        force_code,
        null as lad_code,
        null as offence_lsoa_code,
        1 as force_share,
        happened_at as known_at
    from suspects
),

evidence_by_place as (
    select
        candidates.incident_id,
        ladder.evidence_rank,
        candidates.location_evidence,
        candidates.force_code,
        candidates.lad_code,
        candidates.offence_lsoa_code,
        count(*) as count_sources,
        count(*) filter (where candidates.force_share >= 0.9) as count_certain,
        sum(candidates.force_share) as force_share,
        max(candidates.force_share) >= 0.1 as is_likely,
        min(candidates.known_at) as known_at
    from candidates
    inner join incidents on candidates.incident_id = incidents.incident_id
    inner join {{ ref('evidence_ladder') }} as ladder
        on
            candidates.location_evidence = ladder.location_evidence
            and incidents.is_online = ladder.is_online
            and incidents.ladder_on between ladder.valid_from and coalesce(ladder.valid_to, 'infinity')
    group by
        candidates.incident_id,
        ladder.evidence_rank,
        candidates.location_evidence,
        candidates.force_code,
        candidates.lad_code,
        candidates.offence_lsoa_code
),

-- Evidence that points to one force for nine in ten is certain; the rest is of places that several forces share.
by_force as (
    select
        *,
        sum(count_sources) over of_grade as count_sources_of_force,
        sum(count_certain) over of_grade as count_certain_of_grade,
        sum(count_certain) over of_force as count_certain_of_force,
        sum(force_share) over of_grade as share_of_force,
        bool_or(is_likely) over of_force as is_likely_force,
        min(known_at) over of_grade as known_at_of_force
    from evidence_by_place
    window
        of_grade as (partition by incident_id, evidence_rank, force_code),
        of_force as (partition by incident_id, force_code)
),

-- Best grade, then what most sources say for certain in it, then in any grade; then the larger share of a place, then
-- the codes: the same whatever the order in which reports came.
ranked as (
    select
        *,
        row_number() over best_first as place_number,
        first_value(force_code) over best_first as best_force_code
    from by_force
    window best_first as (
        partition by incident_id
        order by
            evidence_rank asc, count_certain_of_grade desc, count_certain_of_force desc, share_of_force desc,
            force_code asc, count_sources desc, lad_code asc, offence_lsoa_code asc
    )
),

-- The best place under another force: a sliver of a place's residents comes after every other evidence.
runners_up as (
    select distinct on (incident_id)
        incident_id,
        force_code,
        location_evidence,
        count_sources_of_force
    from ranked
    where force_code <> best_force_code
    order by incident_id asc, is_likely_force desc, place_number asc
),

-- The borough of who reports a post places nothing. Where nothing else is known it is told all the same: a person may
-- begin to ask there.
reporters_boroughs as (
    select
        reports.incident_id,
        places.force_code,
        row_number() over (
            partition by reports.incident_id order by sum(places.force_share) desc, places.force_code asc
        ) as place_number
    from reports
    inner join {{ ref('int_reports__places') }} as places on reports.report_id = places.report_id
    where places.location_evidence = 'reporters_borough' and places.force_code is not null
    group by reports.incident_id, places.force_code
)

select
    best.incident_id,
    best.force_code,
    best.lad_code,
    best.offence_lsoa_code,
    best.location_evidence,
    cast(best.count_sources_of_force as integer) as count_sources,
    runners_up.force_code as runner_up_force_code,
    runners_up.location_evidence as runner_up_evidence,
    best.count_certain_of_force = 0 as is_place_doubtful,
    best.known_at_of_force as evidence_known_at
from ranked as best
left join runners_up on best.incident_id = runners_up.incident_id
where best.place_number = 1
union all
select
    incident_id,
    null as force_code,
    null as lad_code,
    null as offence_lsoa_code,
    'none' as location_evidence,
    0 as count_sources,
    force_code as runner_up_force_code,
    'reporters_borough' as runner_up_evidence,
    false as is_place_doubtful,
    null as evidence_known_at
from reporters_boroughs
where place_number = 1 and incident_id not in (select ranked.incident_id from ranked)
