-- so that no grade of evidence is forgotten when the order of the ladder changes: on each day on which a ladder begins,
-- and on the day after each ends, one ladder holds for each of yes, no and unknown, and ranks all six grades
with days as (
    select valid_from as starts_on
    from {{ ref('evidence_ladder') }}
    union
    select valid_to + 1 as starts_on
    from {{ ref('evidence_ladder') }}
    where valid_to is not null
),

answers as (
    select unnest(array['yes', 'no', 'unknown']) as is_online
)

select
    days.starts_on,
    answers.is_online,
    count(ladder.location_evidence) as count_grades
from days
cross join answers
left join {{ ref('evidence_ladder') }} as ladder
    on
        answers.is_online = ladder.is_online
        and days.starts_on between ladder.valid_from and coalesce(ladder.valid_to, 'infinity')
group by days.starts_on, answers.is_online
having count(ladder.location_evidence) <> 6 or count(distinct ladder.location_evidence) <> 6
