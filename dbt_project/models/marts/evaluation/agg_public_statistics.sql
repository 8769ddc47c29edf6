{{ config(materialized='view') }}

-- A view, because disclosure control decides after the counts are made. What it has not decided for just this count is
-- kept back: a decision that is missing or old never shows anything.
with breaks as (
    select
        counts.area_code,
        counts.period_code,
        string_agg(distinct known.what_changed || ' (' || known.break_on || ')', '; ') as series_break
    from {{ ref('agg_public_counts') }} as counts
    inner join {{ ref('series_breaks') }} as known
        on
            counts.area_code = known.force_code
            and known.break_on between counts.period_start and counts.period_end
    group by counts.area_code, counts.period_code
),

regions as (
    select distinct
        region_code,
        region_name
    from {{ ref('force_regions') }}
),

provisional as (
    select parameter_value as months
    from {{ ref('disclosure_parameters') }}
    where
        parameter_code = 'provisional_months'
        and current_date between valid_from and coalesce(valid_to, 'infinity')
)

select
    counts.measure_code,
    case counts.measure_code
        when 'criminal_incidents' then 'Criminal incidents'
        when 'closed_incidents' then 'Criminal incidents whose investigation was closed'
    end as measure_name,
    case counts.measure_code when 'criminal_incidents' then 'recorded' when 'closed_incidents' then 'closed' end
        as outcome_base,
    counts.area_kind,
    counts.area_code,
    case counts.area_code
        when 'all' then 'All areas'
        when 'unknown' then 'Area not known'
        else coalesce(forces.force_name, regions.region_name)
    end as area_name,
    counts.part_code,
    counts.period_kind,
    counts.period_code,
    counts.period_start,
    counts.period_end,
    counts.count_forces_reported,
    counts.count_forces,
    case
        when not counts.is_collected then 'not_collected'
        else coalesce(decided.mark, 'suppressed')
    end as mark,
    decided.public_value,
    coalesce(decided.is_revised, false) as is_revised,
    counts.period_end + make_interval(months => provisional.months) > current_date as is_provisional,
    breaks.series_break
from {{ ref('agg_public_counts') }} as counts
cross join provisional
left join {{ ref('stg_disclosure__cells') }} as decided
    on
        counts.measure_code = decided.measure_code
        and counts.area_code = decided.area_code
        and counts.part_code = decided.part_code
        and counts.period_code = decided.period_code
        and counts.count_incidents = decided.count_incidents
left join {{ ref('police_forces') }} as forces on counts.area_code = forces.force_code
left join regions on counts.area_code = regions.region_code
left join breaks on counts.area_code = breaks.area_code and counts.period_code = breaks.period_code
