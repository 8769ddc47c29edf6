{{ config(materialized='view') }}

-- A view, because disclosure control decides after the counts are made. Between two issues it decides nothing, and the
-- last issue is shown: nothing in here follows the counts of the build.
with known_breaks as (
    select
        known.*,
        regions.region_code
    from {{ ref('series_breaks') }} as known
    left join {{ ref('force_regions') }} as regions on known.force_code = regions.force_code
),

-- What changes in a force changes in every total that it is part of.
breaks as (
    select
        cells.area_code,
        cells.period_code,
        string_agg(distinct known_breaks.what_changed || ' (' || known_breaks.break_on || ')', '; ') as series_break
    from {{ ref('stg_disclosure__cells') }} as cells
    inner join known_breaks
        on
            cells.area_code in (known_breaks.force_code, known_breaks.region_code, 'all')
            and known_breaks.break_on between cells.period_start and cells.period_end
    group by cells.area_code, cells.period_code
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
    cells.measure_code,
    case cells.measure_code
        when 'criminal_incidents' then 'Criminal incidents of forces that sent records'
        when 'closed_incidents' then 'Criminal incidents closed, of forces that sent records'
    end as measure_name,
    case cells.measure_code when 'criminal_incidents' then 'recorded' when 'closed_incidents' then 'closed' end
        as outcome_base,
    cells.area_kind,
    cells.area_code,
    case cells.area_code
        when 'all' then 'All areas'
        when 'unknown' then 'Area not known'
        else coalesce(forces.force_name, regions.region_name)
    end as area_name,
    cells.part_code,
    cells.period_kind,
    cells.period_code,
    cells.period_start,
    cells.period_end,
    cells.count_forces_reported,
    cells.count_forces,
    cells.mark,
    cells.public_value,
    cells.is_revised,
    cells.period_end + make_interval(months => provisional.months) > cells.issue_month as is_provisional,
    breaks.series_break
from {{ ref('stg_disclosure__cells') }} as cells
cross join provisional
left join {{ ref('police_forces') }} as forces on cells.area_code = forces.force_code
left join regions on cells.area_code = regions.region_code
left join breaks on cells.area_code = breaks.area_code and cells.period_code = breaks.period_code
where cells.measure_code in ('criminal_incidents', 'closed_incidents')
