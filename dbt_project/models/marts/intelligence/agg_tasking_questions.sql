{{ config(materialized='view') }}

with latest as (
    select max(known_on) + 1 as cut_off from {{ ref('int_hotspots__incidents') }}
),

rising as (
    select
        themes.force_code,
        1 as topic_order,
        'rising_theme' as topic,
        'What is behind more reports of ' || coalesce(lower(strands.strand_name), 'any strand')
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
    where themes.is_rising and themes.force_code not in ('all', 'unknown')
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
        force_code not in ('all', 'unknown')
        and strand_code = 'all'
        and provider_code = 'all'
        and count_repeat_victims >= 5
),

waiting as (
    select
        allocations.target_code as force_code,
        3 as topic_order,
        'unanswered' as topic,
        'When will what the hub passed on be acknowledged or accepted, and what stands in the way?' as question,
        count(*) || ' allocations wait longer than their rule allows, the oldest since '
        || to_char(min(allocations.allocated_at), 'YYYY-MM-DD') as evidence,
        'overdue_allocations_v1' as evidence_view,
        cast(count(*) as double precision) as weight
    from {{ ref('fct_allocations') }} as allocations
    cross join latest
    where allocations.target_kind = 'force' and {{ overdue_kind('allocations', at='latest.cut_off') }} is not null
    group by allocations.target_code
    having count(*) >= 5
),

placeless as (
    select
        incidents.force_code,
        4 as topic_order,
        'place_unknown' as topic,
        'Can the place be asked for at first contact? Without it nobody can be sent anywhere.' as question,
        count(*) filter (where incidents.lad_code is null) || ' of ' || count(*)
        || ' reports of the last four weeks name no local authority' as evidence,
        'incidents_v1' as evidence_view,
        cast(count(*) filter (where incidents.lad_code is null) as double precision) as weight
    from {{ ref('int_hotspots__incidents') }} as incidents
    cross join latest
    where incidents.is_trained_on and incidents.known_on >= latest.cut_off - 28 and incidents.force_code is not null
    group by incidents.force_code
    having
        count(*) filter (where incidents.lad_code is null) >= 5
        and count(*) filter (where incidents.lad_code is null) >= 0.25 * count(*)
        and count(*) filter (where incidents.lad_code is not null) not between 1 and 4
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
        cast(latest.cut_off - slots.review_by as double precision) as weight
    from {{ ref('agg_hotspot_tasking') }} as slots
    cross join latest
    where
        slots.decision = 'approved'
        and slots.outcome is null
        and slots.review_by < latest.cut_off
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
        order by questions.topic_order asc, questions.weight desc, questions.question asc
    ) as question_number,
    questions.topic,
    questions.question,
    questions.evidence,
    questions.evidence_view
from questions
cross join latest
left join {{ ref('police_forces') }} as forces on questions.force_code = forces.force_code
