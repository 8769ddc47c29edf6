-- By quarter, as public statistics are, and of measures without cuts, because each cut would be one more margin of the
-- same counts. What is part of what, disclosure control knows by the codes of the parts.
with quarters as (
    select
        period_code,
        period_start,
        period_end
    from {{ ref('agg_public_counts') }}
    where measure_code = 'criminal_incidents' and area_code = 'all' and part_code = 'all' and period_kind = 'quarter'
),

-- Several measures can be out of the same whole.
monthly as (
    select
        parts.part_code,
        counted.month,
        max(parts.number) as number
    from {{ ref('fct_measures') }} as counted
    inner join {{ ref('protected_measures') }} as kept on counted.measure_code = kept.measure_code
    cross join
        lateral (
            values
            (kept.measure_code, counted.numerator),
            (kept.whole_code, counted.denominator)
        ) as parts (part_code, number)
    where counted.dimension = 'all' and kept.counts = 'people' and parts.part_code is not null
    group by 1, 2
),

passed_on as (
    select
        allocations.target_kind || '_scorecard' as measure_code,
        allocations.target_kind as area_kind,
        case allocations.target_kind
            when 'provider' then concat_ws('|', allocations.target_code, allocations.duty, allocations.route)
            else allocations.target_code
        end as area_code,
        cast(
            date_trunc('quarter', allocations.allocated_at at time zone 'Europe/London') as date
        ) as period_start,
        count(*) as received,
        count(*) filter (
            where allocations.acknowledged_at is not null or allocations.due_at < as_of.data_as_of
        ) as due,
        count(allocations.acknowledged_at) as acknowledged,
        count(*) filter (where allocations.is_acknowledged_in_time) as acknowledged_in_time,
        count(allocations.outcome_at) as outcomes,
        case allocations.target_kind
            when 'provider'
                then
                    count(*) filter (where allocations.outcome_code in ('content_removed', 'account_suspended'))
        end as removed
    from {{ ref('fct_allocations') }} as allocations
    cross join {{ ref('dim_as_of') }} as as_of
    where
        allocations.target_kind = 'provider'
        or (allocations.target_kind = 'force' and allocations.route <> 'police_record')
    group by 1, 2, 3, 4
),

counted as (
    select
        'measures' as measure_code,
        'all' as area_kind,
        'all' as area_code,
        part_code,
        cast(date_trunc('quarter', month) as date) as period_start,
        sum(number) as number
    from monthly
    group by 1, 2, 3, 4, 5
    union all
    select
        passed_on.measure_code,
        passed_on.area_kind,
        passed_on.area_code,
        parts.part_code,
        passed_on.period_start,
        parts.number
    from passed_on
    cross join
        lateral (
            values
            ('received', passed_on.received),
            ('due', passed_on.due),
            ('acknowledged', passed_on.acknowledged),
            ('acknowledged_in_time', passed_on.acknowledged_in_time),
            ('outcomes', passed_on.outcomes),
            ('removed', passed_on.removed)
        ) as parts (part_code, number)
    where parts.number is not null
)

select
    counted.measure_code,
    counted.area_kind,
    counted.area_code,
    counted.part_code,
    quarters.period_code,
    quarters.period_start,
    quarters.period_end,
    cast(counted.number as bigint) as count_rows
from counted
inner join quarters on counted.period_start = quarters.period_start
