with latest as (
    select
        known.cut_off,
        (
            select min(incidents.known_on)
            from {{ ref('int_hotspots__incidents') }} as incidents
            where incidents.is_trained_on
        ) as first_on
    from {{ ref('int_hotspots__cut_off') }} as known
),

windows as (
    select
        cut_off,
        cut_off - 28 as since_4w,
        cut_off - 28 - 91 as since_13w,
        first_on <= cut_off - 28 - 91 as has_history
    from latest
),

-- Reports by force, provider and set of strands, with who was attacked and what happened.
told as (
    select
        windows.cut_off,
        case when incidents.strands = '{}' then array['unknown'] else incidents.strands end || array['all'] as codes,
        coalesce(incidents.force_code, 'unknown') as force_code,
        coalesce(incidents.provider_code, 'unknown') as provider_code,
        count(*) filter (where incidents.known_on >= windows.since_4w) as count_reports_4w,
        count(*) filter (where incidents.known_on < windows.since_4w) as count_reports_13w_before,
        count(*) filter (
            where incidents.known_on >= windows.since_4w and incidents.report_origin = 'third_party'
        ) as count_third_party,
        count(*) filter (
            where incidents.known_on >= windows.since_4w and incidents.lad_code is null
        ) as count_without_place
    from {{ ref('int_hotspots__incidents') }} as incidents
    inner join windows on incidents.known_on >= windows.since_13w and incidents.known_on < windows.cut_off
    where incidents.is_trained_on
    group by windows.cut_off, incidents.strands, incidents.force_code, incidents.provider_code
),

recent as materialized (
    select
        case when incidents.strands = '{}' then array['unknown'] else incidents.strands end || array['all'] as codes,
        incidents.victim_person_id,
        incidents.content_key,
        coalesce(incidents.force_code, 'unknown') as force_code,
        coalesce(incidents.provider_code, 'unknown') as provider_code
    from {{ ref('int_hotspots__incidents') }} as incidents
    inner join windows on incidents.known_on >= windows.since_4w and incidents.known_on < windows.cut_off
    where incidents.is_trained_on and (incidents.victim_person_id is not null or incidents.content_key is not null)
),

-- Of the last four weeks, who was attacked and what was reported before in the year, or twice: looked for once. The age
-- is asked for and not the day: by the index of days the planner would go through the year row by row.
known_again as materialized (
    select
        incidents.victim_person_id,
        incidents.content_key,
        incidents.count_reports
    from {{ ref('int_hotspots__incidents') }} as incidents
    inner join windows on incidents.known_on - windows.cut_off between -364 and -1
    where
        incidents.is_trained_on
        and (
            incidents.victim_person_id in (select recent.victim_person_id from recent)
            or incidents.content_key in (select recent.content_key from recent)
        )
),

-- Some rows of others are among them; below they are joined with those of the last four weeks alone.
repeat_victims as (
    select victim_person_id
    from known_again
    group by victim_person_id
    having count(*) > 1
),

repeat_content as (
    select content_key
    from known_again
    group by content_key
    having sum(count_reports) > 1
),

-- An incident counts for each of its strands, and once for all of them.
counted as (
    select
        told.cut_off,
        strands.strand_code,
        case when grouping(told.force_code) = 1 then 'all' else told.force_code end as force_code,
        case when grouping(told.provider_code) = 1 then 'all' else told.provider_code end as provider_code,
        cast(sum(told.count_reports_4w) as bigint) as count_reports_4w,
        cast(sum(told.count_reports_13w_before) as bigint) as count_reports_13w_before,
        cast(sum(told.count_third_party) as bigint) as count_third_party,
        cast(sum(told.count_without_place) as bigint) as count_without_place
    from told
    cross join lateral unnest(told.codes) as strands (strand_code)
    group by told.cut_off, strands.strand_code, cube (told.force_code, told.provider_code)
),

repeats as (
    select
        strands.strand_code,
        case when grouping(recent.force_code) = 1 then 'all' else recent.force_code end as force_code,
        case when grouping(recent.provider_code) = 1 then 'all' else recent.provider_code end as provider_code,
        count(distinct repeat_victims.victim_person_id) as count_repeat_victims,
        count(distinct repeat_content.content_key) as count_repeat_content
    from recent
    left join repeat_victims on recent.victim_person_id = repeat_victims.victim_person_id
    left join repeat_content on recent.content_key = repeat_content.content_key
    cross join lateral unnest(recent.codes) as strands (strand_code)
    where repeat_victims.victim_person_id is not null or repeat_content.content_key is not null
    group by strands.strand_code, cube (recent.force_code, recent.provider_code)
),

compared as (
    select
        counted.*,
        windows.has_history,
        counted.count_reports_13w_before * 4.0 / 13 as expected_4w,
        coalesce(repeats.count_repeat_victims, 0) as count_repeat_victims,
        coalesce(repeats.count_repeat_content, 0) as count_repeat_content
    from counted
    cross join windows
    left join repeats
        on
            counted.strand_code = repeats.strand_code
            and counted.force_code = repeats.force_code
            and counted.provider_code = repeats.provider_code
    -- A smaller count could tell who reported.
    where counted.count_reports_4w >= 5
)

select
    cut_off,
    force_code,
    strand_code,
    provider_code,
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
        when count_third_party not between 1 and 4 and count_reports_4w - count_third_party not between 1 and 4
            then cast(count_third_party as double precision) / count_reports_4w
    end as share_third_party,
    count_reports_4w || ' reports in four weeks' || case
        when has_history
            then
                ' against ' || round(expected_4w, 1) || ' to be expected from the thirteen weeks before'
        else '; less than seventeen weeks of history to compare with'
    end as evidence,
    case
        when count_without_place not between 1 and 4 and count_reports_4w - count_without_place not between 1 and 4
            then count_without_place
    end as count_without_place
from compared
