-- Which areas does the forecast propose for the weeks ahead, why, and what did a person decide?
-- An interval (p05 to p95) that begins near zero means: perhaps nothing will happen there.
select
    cut_off,
    area_level,
    area_name,
    force_code,
    rank,
    expected_reports,
    p05,
    p95,
    why,
    decision,
    decision_reason,
    outcome
from publish.hotspot_proposals_v1
where is_current
order by area_level, rank;
