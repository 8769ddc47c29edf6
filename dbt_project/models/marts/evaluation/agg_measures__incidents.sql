with recorded as (
    select
        found.measure_code,
        cut.month,
        cut.dimension,
        cut.dimension_code,
        cast(sum(found.numerator) as numeric) as numerator,
        cast(sum(found.denominator) as numeric) as denominator
    from {{ ref('agg_incidents__monthly') }} as cut
    cross join
        lateral (
            values
            ('incidents', cut.count_rows, null),
            ('reports', cut.reports, null),
            ('reports_investigated', cut.reports_investigated, cut.reports),
            ('reports_referred_elsewhere', cut.reports_elsewhere, cut.reports_criminal),
            ('victims_referred', cut.victims_referred, cut.victims),
            ('criminal_investigated', cut.criminal_investigated, cut.criminal),
            ('criminal_incidents', cut.criminal, cut.count_rows),
            ('criminal_abroad', cut.abroad, cut.criminal),
            ('criminal_uk', cut.uk, cut.criminal),
            ('criminal_awaiting_provider', cut.awaiting, cut.criminal),
            ('incidents_with_arrest', cut.arrests, cut.criminal),
            ('charged_of_recorded', cut.charged, cut.criminal),
            ('other_positive_of_recorded', cut.positive - cut.charged, cut.criminal)
        ) as found (measure_code, numerator, denominator)
    group by 1, 2, 3, 4
),

closed as (
    select
        found.measure_code,
        cut.closed_month as month,
        cut.dimension,
        cut.dimension_code,
        cast(sum(found.numerator) as numeric) as numerator,
        cast(sum(found.denominator) as numeric) as denominator
    from {{ ref('agg_incidents__monthly') }} as cut
    cross join
        lateral (
            values
            ('charged_of_closed', cut.charged, cut.closed),
            ('other_positive_of_closed', cut.positive - cut.charged, cut.closed)
        ) as found (measure_code, numerator, denominator)
    where cut.closed_month is not null and cut.closed > 0
    group by 1, 2, 3, 4
)

select * from recorded
union all
select * from closed
