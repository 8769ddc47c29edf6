-- Reports per area and strand with exponential decay, the baseline's counts: the weight of a report halves with each
-- half-life since the week in which it happened.
{{ config(tags=['hotspot_counts'], indexes=[{'columns': ['area_level', 'strand_code']}]) }}

with parameters as (
    select
        max(dated.parameter_value) filter (where dated.parameter_code = 'half_life_weeks') as half_life_weeks,
        max(dated.parameter_value) filter (where dated.parameter_code = 'level_weeks') as level_weeks
    from {{ ref('forecast_parameters') }} as dated
    inner join {{ ref('int_hotspots__cut_off') }} as latest
        on latest.cut_off between dated.valid_from and coalesce(dated.valid_to, 'infinity')
),

aged as (
    select
        counts.*,
        latest.cut_off,
        parameters.half_life_weeks,
        parameters.level_weeks,
        (latest.cut_off - counts.week_starts_on) / 7 - 1 as age_weeks
    from {{ ref('int_hotspots__counts') }} as counts
    cross join {{ ref('int_hotspots__cut_off') }} as latest
    cross join parameters
    where
        counts.count_reports > 0
        and counts.week_starts_on < latest.cut_off
        and counts.known_week_starts_on < latest.cut_off
)

select
    aged.area_level,
    aged.area_code,
    aged.strand_code,
    aged.cut_off,
    cast(sum(aged.count_reports) as bigint) as count_reports,
    sum(aged.count_reports * power(cast(0.5 as double precision), aged.age_weeks / aged.half_life_weeks))
        as faded_reports,
    sum(aged.count_reports * power(cast(0.25 as double precision), aged.age_weeks / aged.half_life_weeks))
        as faded_squares,
    -- Reports a week in the latest weeks, scaled up for those that are not yet received; counted as they are where no
    -- report was ever known so early.
    coalesce(
        sum(aged.count_reports / coalesce(nullif(known.completeness, 0), 1))
        filter (where aged.age_weeks < aged.level_weeks)
        / max(aged.level_weeks),
        0
    ) as level_a_week
from aged
left join {{ ref('int_hotspots__completeness') }} as known on aged.age_weeks = known.lag_weeks
group by aged.area_level, aged.area_code, aged.strand_code, aged.cut_off
