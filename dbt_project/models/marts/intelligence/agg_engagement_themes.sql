{{ config(post_hook='{{ keep_statistics(this) }}') }}

with latest as (
    select
        max(known_on) + 1 as cut_off,
        min(known_on) filter (where is_trained_on) as first_on
    from {{ ref('int_hotspots__incidents') }}
),

windows as (
    select
        cut_off,
        cut_off - 28 as since_4w,
        cut_off - 28 - 91 as since_13w,
        first_on <= cut_off - 28 - 91 as has_history
    from latest
),

-- Materialised: each question below would go through the year by its index, row by row.
known as materialized (
    select
        incidents.force_code,
        incidents.provider_code,
        incidents.strands,
        incidents.victim_person_id,
        incidents.content_key,
        incidents.report_origin,
        incidents.count_reports,
        windows.cut_off,
        incidents.known_on >= windows.since_4w as is_recent,
        incidents.known_on >= windows.since_13w and incidents.known_on < windows.since_4w as is_before
    from {{ ref('int_hotspots__incidents') }} as incidents
    cross join windows
    where incidents.is_trained_on and incidents.known_on >= windows.cut_off - 364
),

-- Of the last four weeks, who was attacked and what was reported before in the year, or twice.
repeat_victims as (
    select known.victim_person_id
    from known
    where
        known.victim_person_id in (
            select recent.victim_person_id
            from known as recent
            where recent.is_recent
        )
    group by known.victim_person_id
    having count(*) > 1
),

repeat_content as (
    select known.content_key
    from known
    where
        known.content_key in (
            select recent.content_key
            from known as recent
            where recent.is_recent
        )
    group by known.content_key
    having sum(known.count_reports) > 1
),

by_strand as (
    select
        known.*,
        repeat_victims.victim_person_id is not null as is_repeat_victim,
        repeat_content.content_key is not null as is_repeat_content,
        codes.strand_code,
        codes.place = 1 as is_once_an_incident
    from known
    left join repeat_victims on known.victim_person_id = repeat_victims.victim_person_id
    left join repeat_content on known.content_key = repeat_content.content_key
    cross join
        lateral unnest(
            case when known.strands = '{}' then array['unknown'] else known.strands end
        ) with ordinality as codes (strand_code, place)
    where known.is_recent or known.is_before
),

-- Of one strand an incident has one row, of all of them as many as it has strands: there the first counts. To count
-- distinct incidents would sort them anew for each cut.
counted as (
    select
        cut_off,
        coalesce(force_code, 'unknown') as force_code,
        strand_code,
        coalesce(provider_code, 'unknown') as provider_code,
        grouping(coalesce(force_code, 'unknown')) = 1 as is_every_force,
        grouping(strand_code) = 1 as is_every_strand,
        grouping(coalesce(provider_code, 'unknown')) = 1 as is_every_provider,
        case
            when grouping(strand_code) = 1 then count(*) filter (where is_recent and is_once_an_incident)
            else count(*) filter (where is_recent)
        end as count_reports_4w,
        case
            when grouping(strand_code) = 1 then count(*) filter (where is_before and is_once_an_incident)
            else count(*) filter (where is_before)
        end as count_reports_13w_before,
        count(distinct victim_person_id) filter (where is_recent and is_repeat_victim) as count_repeat_victims,
        count(distinct content_key) filter (where is_recent and is_repeat_content) as count_repeat_content,
        case
            when grouping(strand_code) = 1
                then count(*) filter (where is_recent and report_origin = 'third_party' and is_once_an_incident)
            else count(*) filter (where is_recent and report_origin = 'third_party')
        end as count_third_party
    from by_strand
    group by cut_off, cube (coalesce(force_code, 'unknown'), strand_code, coalesce(provider_code, 'unknown'))
),

compared as (
    select
        counted.*,
        windows.has_history,
        counted.count_reports_13w_before * 4.0 / 13 as expected_4w
    from counted
    cross join windows
    -- A smaller count could tell who reported.
    where counted.count_reports_4w >= 5
)

select
    cut_off,
    case when is_every_force then 'all' else force_code end as force_code,
    case when is_every_strand then 'all' else strand_code end as strand_code,
    case when is_every_provider then 'all' else provider_code end as provider_code,
    count_reports_4w,
    case when has_history then cast(expected_4w as double precision) end as expected_4w,
    case when has_history then cast(count_reports_4w / nullif(expected_4w, 0) as double precision) end as growth,
    -- Two standard errors of the difference of what came and what the thirteen weeks before let expect; half a report
    -- is added, so that a cell that was empty before needs more than two.
    case
        when has_history
            then count_reports_4w - expected_4w > 2 * sqrt((expected_4w + 0.5) * (1 + 4.0 / 13))
        else false
    end as is_rising,
    case when count_repeat_victims not between 1 and 4 then count_repeat_victims end as count_repeat_victims,
    case when count_repeat_content not between 1 and 4 then count_repeat_content end as count_repeat_content,
    case
        when count_third_party not between 1 and 4
            then cast(count_third_party as double precision) / count_reports_4w
    end as share_third_party,
    count_reports_4w || ' reports in four weeks' || case
        when has_history
            then
                ' against ' || round(expected_4w, 1) || ' to be expected from the thirteen weeks before'
        else '; less than seventeen weeks of history to compare with'
    end as evidence
from compared
