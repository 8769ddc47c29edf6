-- From weeks that are old enough to have shown the longest lag: the share of their reports that was known so many weeks
-- later. What came later still is not seen; in published studies it is less than one in a hundred.
{{ config(materialized='view', tags=['hotspot_counts']) }}

with lags as (
    select (
        cast(date_trunc('week', incidents.known_on) as date) - cast(date_trunc('week', incidents.occurred_on) as date)
    ) / 7 as lag_weeks
    from {{ ref('int_hotspots__incidents') }} as incidents
    cross join {{ ref('int_hotspots__cut_off') }} as latest
    where
        incidents.is_trained_on
        and incidents.known_on < latest.cut_off
        and incidents.occurred_on >= latest.cut_off - 7 * 78
        and incidents.occurred_on < latest.cut_off - 7 * 26
),

listed as (
    select lag_weeks from generate_series(0, 26) as numbers (lag_weeks)
)

select
    listed.lag_weeks,
    -- Without history every report counts as told at once: nothing says otherwise.
    coalesce(
        cast(count(lags.lag_weeks) filter (where lags.lag_weeks <= listed.lag_weeks) as double precision)
        / nullif(count(lags.lag_weeks), 0),
        1
    ) as completeness
from listed
left join lags on true
group by listed.lag_weeks
