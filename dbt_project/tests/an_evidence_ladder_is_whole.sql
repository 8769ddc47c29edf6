-- so that no grade of evidence is forgotten when the order of the ladder changes: each ladder ranks all of them, and
-- begins on one day for all
select
    is_online,
    valid_from,
    count(*) as count_grades
from {{ ref('evidence_ladder') }}
group by is_online, valid_from
having count(*) <> 6 or count(distinct coalesce(valid_to, 'infinity')) > 1
