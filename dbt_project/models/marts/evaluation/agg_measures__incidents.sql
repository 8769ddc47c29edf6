-- Counted whole in each build, from a row an incident: one pass over it is cheaper than to find which months changed.
-- As integers, whose sums are taken several times as fast as those of larger numbers.
with cells as (
    select
        month,
        closed_month,
        strands,
        coalesce(force_code, 'unknown') as force_code,
        coalesce(provider_code, 'unknown') as provider_code,
        feed,
        cast(count(*) as integer) as incidents,
        cast(sum(count_reports) as integer) as reports,
        cast(sum(count_reports) filter (where is_investigated) as integer) as reports_investigated,
        cast(sum(count_reports) filter (where is_criminal) as integer) as reports_criminal,
        cast(sum(count_reports) filter (where is_criminal and is_referred_elsewhere) as integer) as reports_elsewhere,
        cast(count(*) filter (where is_criminal) as integer) as criminal,
        cast(count(*) filter (where is_criminal and is_investigated) as integer) as criminal_investigated,
        cast(count(*) filter (where funnel = 'abroad') as integer) as abroad,
        cast(count(*) filter (where funnel = 'uk') as integer) as uk,
        cast(count(*) filter (where funnel = 'awaiting_provider') as integer) as awaiting,
        cast(count(*) filter (where is_criminal and has_arrest) as integer) as arrests,
        cast(count(*) filter (where is_criminal and is_charged) as integer) as charged,
        cast(count(*) filter (where is_criminal and is_positive) as integer) as positive,
        cast(count(*) filter (where is_criminal and is_closed) as integer) as closed,
        cast(sum(count_victims) as integer) as victims,
        cast(sum(count_victims_referred) as integer) as victims_referred
    from {{ ref('fct_incident_measures') }}
    group by 1, 2, 3, 4, 5, 6
),

-- An incident with two strands stands in both of their rows and once in the row of all.
placed as (
    select
        cells.*,
        dimensions.dimension,
        dimensions.dimension_code
    from cells
    cross join
        lateral (
            values
            ('all', 'all'),
            ('force', cells.force_code),
            ('provider', cells.provider_code),
            ('source', cells.feed)
        ) as dimensions (dimension, dimension_code)
    union all
    select
        cells.*,
        'strand' as dimension,
        codes.strand_code as dimension_code
    from cells
    cross join lateral unnest(cells.strands) as codes (strand_code)
),

-- Summed before the measures are told apart: each cell would be added up once a measure.
cut as (
    select
        month,
        closed_month,
        dimension,
        dimension_code,
        sum(incidents) as incidents,
        sum(reports) as reports,
        sum(reports_investigated) as reports_investigated,
        sum(reports_criminal) as reports_criminal,
        sum(reports_elsewhere) as reports_elsewhere,
        sum(criminal) as criminal,
        sum(criminal_investigated) as criminal_investigated,
        sum(abroad) as abroad,
        sum(uk) as uk,
        sum(awaiting) as awaiting,
        sum(arrests) as arrests,
        sum(charged) as charged,
        sum(positive) as positive,
        sum(closed) as closed,
        sum(victims) as victims,
        sum(victims_referred) as victims_referred
    from placed
    group by 1, 2, 3, 4
),

recorded as (
    select
        found.measure_code,
        cut.month,
        cut.dimension,
        cut.dimension_code,
        cast(sum(found.numerator) as numeric) as numerator,
        cast(sum(found.denominator) as numeric) as denominator
    from cut
    cross join
        lateral (
            values
            ('incidents', cut.incidents, null),
            ('reports', cut.reports, null),
            ('reports_investigated', cut.reports_investigated, cut.reports),
            ('reports_referred_elsewhere', cut.reports_elsewhere, cut.reports_criminal),
            ('victims_referred', cut.victims_referred, cut.victims),
            ('criminal_investigated', cut.criminal_investigated, cut.criminal),
            ('criminal_incidents', cut.criminal, cut.incidents),
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
    from cut
    cross join
        lateral (
            values
            ('charged_of_closed', cut.charged, cut.closed),
            ('other_positive_of_closed', cut.positive - cut.charged, cut.closed)
        ) as found (measure_code, numerator, denominator)
    where cut.closed_month is not null
    group by 1, 2, 3, 4
)

select * from recorded
union all
select * from closed
