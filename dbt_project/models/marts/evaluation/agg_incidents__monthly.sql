-- Incidents that are alike are counted before they are told apart by cut. As integers, whose sums are taken several
-- times as fast as those of larger numbers.
with cells as (
    select
        month,
        closed_month,
        strands,
        coalesce(force_code, 'unknown') as force_code,
        coalesce(provider_code, 'unknown') as provider_code,
        feed,
        cast(count(*) as integer) as count_rows,
        cast(sum(count_reports) as integer) as reports,
        cast(sum(count_reports) filter (where is_investigated) as integer) as reports_investigated,
        cast(sum(count_reports) filter (where is_criminal) as integer) as reports_criminal,
        cast(sum(count_reports) filter (where is_criminal and is_referred_elsewhere) as integer)
            as reports_elsewhere,
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

-- An incident with two strands is counted in the row of each, and once in the row of all.
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
)

{% set sums = [
    'reports', 'reports_investigated', 'reports_criminal', 'reports_elsewhere', 'criminal', 'criminal_investigated',
    'abroad', 'uk', 'awaiting', 'arrests', 'charged', 'positive', 'closed', 'victims', 'victims_referred',
] -%}
select
    month,
    closed_month,
    dimension,
    dimension_code,
    {% for name in sums -%}
        coalesce(sum({{ name }}), 0) as {{ name }},
    {% endfor -%}
    sum(count_rows) as count_rows
from placed
group by 1, 2, 3, 4
