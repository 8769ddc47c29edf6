{{ config(materialized='view') }}

-- Each question says what the view that it names says: both read the same mart. What is abroad has no force that meets.
with today as (
    select cast(data_as_of at time zone 'Europe/London' as date) as as_of_on from {{ ref('dim_as_of') }}
),

-- What waits is asked for also where the public has reported nothing.
latest as (
    select coalesce(known.cut_off, cast(date_trunc('week', today.as_of_on) as date)) as cut_off
    from today
    left join {{ ref('int_hotspots__cut_off') }} as known on true
),

rising as (
    select
        themes.force_code,
        1 as topic_order,
        'rising_theme' as topic,
        'What is behind more reports of '
        || case themes.strand_code
            when 'all' then 'any strand'
            when 'unknown' then 'no stated strand'
            else lower(strands.strand_name)
        end
        || case
            when themes.provider_code = 'all' then ''
            else ' on ' || coalesce(providers.provider_name, 'unknown')
        end
        || ', and which community partner should be at the table?' as question,
        themes.evidence,
        'engagement_themes_v1' as evidence_view,
        themes.count_reports_4w - themes.expected_4w as weight
    from {{ ref('agg_engagement_themes') }} as themes
    left join {{ ref('strands') }} as strands on themes.strand_code = strands.strand_code
    left join {{ ref('platforms') }} as providers on themes.provider_code = providers.provider_code
    where themes.is_rising and themes.force_code not in ('all', 'unknown', 'ABROAD')
),

repeats as (
    select
        force_code,
        2 as topic_order,
        'repeat_victims' as topic,
        'Is every victim who was hit again known to neighbourhood officers and to a support service?' as question,
        count_repeat_victims || ' victims of the last four weeks had been victims before within the year' as evidence,
        'engagement_themes_v1' as evidence_view,
        cast(count_repeat_victims as double precision) as weight
    from {{ ref('agg_engagement_themes') }}
    where
        force_code not in ('all', 'unknown', 'ABROAD')
        and strand_code = 'all'
        and provider_code = 'all'
        and count_repeat_victims >= 5
),

waiting as (
    select
        target_code as force_code,
        3 as topic_order,
        'unanswered' as topic,
        'When will what the hub passed on be acknowledged or accepted, and what stands in the way?' as question,
        count(*) || ' allocations wait longer than their rule allows, the oldest since '
        || cast(min(allocated_at) at time zone 'Europe/London' as date) as evidence,
        'overdue_allocations_v1' as evidence_view,
        cast(count(*) as double precision) as weight
    from {{ ref('fct_overdue_allocations') }}
    where target_kind = 'force'
    group by target_code
    having count(*) >= 5
),

placeless as (
    select
        force_code,
        4 as topic_order,
        'place_unknown' as topic,
        'Can the place be asked for at first contact? Without it nobody can be sent anywhere.' as question,
        count_without_place || ' of ' || count_reports_4w
        || ' reports of the last four weeks name no local authority' as evidence,
        'engagement_themes_v1' as evidence_view,
        cast(count_without_place as double precision) as weight
    from {{ ref('agg_engagement_themes') }}
    where
        force_code not in ('all', 'unknown', 'ABROAD')
        and strand_code = 'all'
        and provider_code = 'all'
        and count_without_place >= 5
        and count_without_place >= 0.25 * count_reports_4w
),

reviews as (
    select
        slots.force_code,
        5 as topic_order,
        'outcome_missing' as topic,
        'What came of the ' || replace(slots.action, '_', ' ') || ' in ' || coalesce(slots.area_name, slots.area_code)
        || '?' as question,
        'approved for the week of ' || slots.cut_off || ', to be reviewed by ' || slots.review_by
        || ', and no outcome is told' as evidence,
        'hotspot_tasking_v1' as evidence_view,
        cast(today.as_of_on - slots.review_by as double precision) as weight
    from {{ ref('agg_hotspot_tasking') }} as slots
    cross join today
    where
        slots.decision = 'approved'
        and slots.outcome is null
        and slots.review_by < today.as_of_on
        and slots.force_code is not null
),

questions as (
    select * from rising
    union all
    select * from repeats
    union all
    select * from waiting
    union all
    select * from placeless
    union all
    select * from reviews
)

select
    latest.cut_off,
    questions.force_code,
    forces.force_name,
    row_number() over (
        partition by questions.force_code
        order by
            questions.topic_order asc, questions.weight desc, questions.question asc, questions.evidence asc
    ) as question_number,
    questions.topic,
    questions.question,
    questions.evidence,
    questions.evidence_view
from questions
cross join latest
left join {{ ref('police_forces') }} as forces on questions.force_code = forces.force_code
