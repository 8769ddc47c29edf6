with worked as (
    select
        month,
        trim_scale(sum(hours) filter (where is_on_case)) as case_hours,
        trim_scale(sum(hours)) as all_hours,
        sum(count_rows) as entries
    from {{ ref('agg_hub_hours__monthly') }}
    group by 1
),

investigated as (
    select
        month,
        sum(criminal_investigated) as incidents
    from {{ ref('agg_incidents__monthly') }}
    where dimension = 'all'
    group by 1
),

months as (
    select month from worked
    union distinct
    select month from investigated
),

-- The counterfactual: what local officers would have spent on the incidents that the hub took on. A month in which the
-- hub wrote down no hours has one too.
saved as (
    select
        months.month,
        coalesce(investigated.incidents, 0) as incidents,
        coalesce(investigated.incidents, 0) * assumed.parameter_value as local_hours,
        coalesce(worked.case_hours, 0) as hub_hours
    from months
    left join worked on months.month = worked.month
    left join investigated on months.month = investigated.month
    inner join {{ ref('measure_parameters') }} as assumed
        on
            assumed.parameter_code = 'local_hours_per_incident'
            and months.month between assumed.valid_from and coalesce(assumed.valid_to, 'infinity')
),

days as (
    select
        cast(date_trunc('month', hub_day) as date) as month,
        sum(count_capacity) as places,
        sum(count_incidents) as incidents,
        sum(count_beyond_capacity) as beyond
    from {{ ref('fct_hub_days') }}
    group by 1
),

found as (
    select
        cast(date_trunc('month', reported_at at time zone 'Europe/London') as date) as month,
        coalesce(platform, 'unknown') as platform,
        count(*) as reports,
        count(*) filter (where action = 'counter_narrative') as counter_narratives,
        count(*) filter (where action = 'support_signposted') as signposted
    from {{ ref('stg_volunteer_reports') }}
    group by 1, 2
),

volunteered as (
    select
        found.month,
        dimensions.dimension,
        dimensions.dimension_code,
        sum(found.reports) as reports,
        sum(found.counter_narratives) as counter_narratives,
        sum(found.signposted) as signposted
    from found
    cross join
        lateral (
            values
            ('all', 'all'),
            ('provider', found.platform)
        ) as dimensions (dimension, dimension_code)
    group by 1, 2, 3
),

trained as (
    select
        cast(date_trunc('month', held.held_on) as date) as month,
        dimensions.dimension,
        dimensions.dimension_code,
        count(*) as sessions,
        sum(held.hours) as hours,
        sum(held.count_invited) as invited,
        sum(held.count_attended) as attended,
        sum(held.count_completed) as completed
    from {{ ref('fct_training_sessions') }} as held
    cross join
        lateral (
            values
            ('all', 'all'),
            ('force', coalesce(held.force_code, 'unknown')),
            ('source', held.audience)
        ) as dimensions (dimension, dimension_code)
    group by 1, 2, 3
),

spent as (
    select
        bookings.month,
        dimensions.dimension,
        dimensions.dimension_code,
        sum(bookings.budget_amount) as budget,
        sum(bookings.spent_amount) as spent,
        coalesce(sum(bookings.claimed_amount), 0) as claimed
    from {{ ref('fct_programme_spend') }} as bookings
    cross join
        lateral (
            values
            ('all', 'all'),
            ('source', bookings.funding_source),
            ('budget_line', bookings.budget_line)
        ) as dimensions (dimension, dimension_code)
    group by 1, 2, 3
),

counted as (
    select
        'officer_hours_saved' as measure_code,
        month,
        'all' as dimension,
        'all' as dimension_code,
        local_hours as numerator,
        hub_hours as denominator,
        incidents as base_apart
    from saved
    union all
    select
        found.measure_code,
        days.month,
        'all' as dimension,
        'all' as dimension_code,
        found.numerator,
        found.denominator,
        null as base_apart
    from days
    cross join
        lateral (
            values
            ('capacity_used', days.incidents - days.beyond, days.places),
            ('beyond_capacity', days.beyond, days.incidents)
        ) as found (measure_code, numerator, denominator)
    union all
    select
        'hub_hours' as measure_code,
        month,
        'all' as dimension,
        'all' as dimension_code,
        all_hours as numerator,
        null as denominator,
        entries as base_apart
    from worked
    union all
    select
        found.measure_code,
        volunteered.month,
        volunteered.dimension,
        volunteered.dimension_code,
        found.numerator,
        found.denominator,
        null as base_apart
    from volunteered
    cross join
        lateral (
            values
            ('volunteer_reports', volunteered.reports, null),
            ('counter_narratives', volunteered.counter_narratives, volunteered.reports),
            ('support_signposted', volunteered.signposted, volunteered.reports)
        ) as found (measure_code, numerator, denominator)
    union all
    select
        found.measure_code,
        trained.month,
        trained.dimension,
        trained.dimension_code,
        found.numerator,
        found.denominator,
        found.base_apart
    from trained
    cross join
        lateral (
            values
            ('training_sessions', trained.sessions, null, null),
            ('training_hours', trained.hours, null, trained.sessions),
            ('training_attended', trained.attended, trained.invited, null),
            ('training_completed', trained.completed, trained.attended, null)
        ) as found (measure_code, numerator, denominator, base_apart)
    union all
    select
        found.measure_code,
        spent.month,
        spent.dimension,
        spent.dimension_code,
        found.numerator,
        found.denominator,
        null as base_apart
    from spent
    cross join lateral (
        values
        ('spent_of_budget', spent.spent, spent.budget),
        ('claimed_of_spent', spent.claimed, spent.spent)
    ) as found (measure_code, numerator, denominator)
)

select
    measure_code,
    month,
    dimension,
    dimension_code,
    cast(numerator as numeric) as numerator,
    cast(denominator as numeric) as denominator,
    cast(base_apart as numeric) as base_apart
from counted
