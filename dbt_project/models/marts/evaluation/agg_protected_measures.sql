{{ config(materialized='view') }}

-- A view over figures that disclosure control has decided of. Hours that the hub saved are counted from the figure, not
-- from the count behind it.
with figures as (
    select
        part_code,
        period_code,
        public_value
    from {{ ref('agg_protected_figures') }}
    where measure_code = 'measures'
),

quarters as (
    select distinct
        period_code,
        period_start,
        period_end,
        issue_month
    from {{ ref('agg_protected_figures') }}
),

of_people as (
    select
        kept.measure_code,
        numerators.period_code,
        numerators.public_value as numerator,
        wholes.public_value as denominator,
        kept.whole_code as denominator_code,
        numerators.public_value is null or (kept.whole_code is not null and wholes.public_value is null)
            as is_suppressed,
        true as is_protected
    from {{ ref('protected_measures') }} as kept
    inner join figures as numerators on kept.measure_code = numerators.part_code
    left join figures as wholes
        on kept.whole_code = wholes.part_code and numerators.period_code = wholes.period_code
),

own_work as (
    select
        counted.measure_code,
        quarters.period_code,
        sum(counted.numerator) as numerator,
        sum(counted.denominator) as denominator
    from {{ ref('fct_measures') }} as counted
    inner join quarters on counted.month between quarters.period_start and quarters.period_end
    left join {{ ref('protected_measures') }} as kept on counted.measure_code = kept.measure_code
    where counted.dimension = 'all' and (kept.counts = 'own_work' or counted.measure_code = 'officer_hours_saved')
    group by 1, 2
),

counted as (
    select * from of_people
    union all
    select
        *,
        null as denominator_code,
        false as is_suppressed,
        false as is_protected
    from own_work
    where measure_code <> 'officer_hours_saved'
    union all
    select
        own_work.measure_code,
        own_work.period_code,
        worked_on.public_value * assumed.parameter_value as numerator,
        own_work.denominator,
        null as denominator_code,
        worked_on.public_value is null as is_suppressed,
        true as is_protected
    from own_work
    inner join quarters on own_work.period_code = quarters.period_code
    inner join figures as worked_on
        on own_work.period_code = worked_on.period_code and worked_on.part_code = 'criminal_investigated'
    inner join {{ ref('measure_parameters') }} as assumed
        on
            assumed.parameter_code = 'local_hours_per_incident'
            and quarters.period_start between assumed.valid_from and coalesce(assumed.valid_to, 'infinity')
    -- The figure is of the issue, the hours are of today: they belong together once the quarter was over at the issue.
    where own_work.measure_code = 'officer_hours_saved' and quarters.period_end < quarters.issue_month
)

select
    counted.measure_code,
    measures.measure_version,
    counted.period_code,
    quarters.period_start,
    quarters.period_end,
    cast(counted.numerator as numeric) as numerator,
    cast(counted.denominator as numeric) as denominator,
    counted.denominator_code,
    cast(
        case
            when counted.is_suppressed then null
            when measures.value_form = 'count' then counted.numerator
            when measures.value_form = 'share' then round(counted.numerator / nullif(counted.denominator, 0), 6)
            when measures.value_form = 'difference' then counted.numerator - counted.denominator
        end as numeric
    ) as measure_value,
    counted.is_suppressed,
    counted.is_protected
from counted
inner join quarters on counted.period_code = quarters.period_code
inner join {{ ref('dim_measure') }} as measures
    on
        counted.measure_code = measures.measure_code
        and quarters.period_end between measures.valid_from and coalesce(measures.valid_to, 'infinity')
