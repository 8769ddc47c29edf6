-- Empirical Bayes: each area's faded reports are drawn towards the mean of all areas, by as much as areas differ by
-- chance alone. Faded Poisson counts of mean m have the variance m times the sum of squared fadings over the sum of
-- fadings.
{{ config(materialized='view', tags=['hotspot_counts']) }}

with choices as (
    select
        parameter_value as least_between,
        valid_from,
        coalesce(valid_to, 'infinity') as holds_to
    from {{ ref('forecast_parameters') }}
    where parameter_code = 'least_between'
),

areas as (
    select
        area_level,
        count(*) as count_areas
    from {{ ref('int_hotspots__areas') }}
    group by area_level
),

-- Over all areas of the level: those without reports add nothing to a sum.
sums as (
    select
        area_level,
        strand_code,
        cut_off,
        sum(faded_reports) as faded_reports,
        sum(faded_reports * faded_reports) as squared,
        sum(faded_squares) as faded_squares,
        sum(level_a_week) as level_a_week
    from {{ ref('int_hotspots__faded') }}
    group by area_level, strand_code, cut_off
),

moments as (
    select
        sums.area_level,
        sums.strand_code,
        sums.cut_off,
        sums.level_a_week,
        areas.count_areas,
        sums.faded_reports / areas.count_areas as mean_faded,
        sums.squared / areas.count_areas - power(sums.faded_reports / areas.count_areas, 2) as variance_faded,
        sums.faded_squares / areas.count_areas as noise
    from sums
    inner join areas on sums.area_level = areas.area_level
),

kept as (
    select
        moments.*,
        greatest(moments.variance_faded - moments.noise, choices.least_between * moments.noise) as between_areas
    from moments
    inner join choices on moments.cut_off between choices.valid_from and choices.holds_to
)

select
    areas.area_level,
    areas.area_code,
    kept.strand_code,
    kept.cut_off,
    kept.level_a_week * (
        kept.mean_faded
        + (coalesce(faded.faded_reports, 0) - kept.mean_faded)
        * kept.between_areas / (kept.between_areas + kept.noise)
    ) / (kept.mean_faded * kept.count_areas) as expected_reports
from kept
inner join {{ ref('int_hotspots__areas') }} as areas on kept.area_level = areas.area_level
left join {{ ref('int_hotspots__faded') }} as faded
    on
        areas.area_level = faded.area_level
        and areas.area_code = faded.area_code
        and kept.strand_code = faded.strand_code
