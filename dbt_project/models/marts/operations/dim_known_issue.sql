with opened as (
    select * from {{ ref('stg_ledger__known_issue_events') }}
    where kind = 'opened'
),

-- An issue is closed once.
closed as (
    select distinct on (issue_id) * from {{ ref('stg_ledger__known_issue_events') }}
    where kind = 'closed'
    order by issue_id asc, event_id asc
),

dated as (
    select
        opened.issue_id,
        opened.drift_id,
        opened.feed,
        opened.column_name,
        opened.sender,
        opened.effect,
        closed.effect as resolution,
        opened.from_on,
        -- A person's word wins; a confirmed drift ends on the day before the sender was as before.
        coalesce(closed.to_on, opened.to_on, drifts.over_day - 1) as to_on,
        opened.said_at as opened_at,
        closed.said_at as closed_at
    from opened
    left join closed on opened.issue_id = closed.issue_id
    left join {{ ref('stg_ledger__drifts') }} as drifts on opened.drift_id = drifts.drift_id
)

select
    issue_id,
    feed,
    column_name,
    sender,
    effect,
    resolution,
    case when to_on is null then 'open' else 'closed' end as status,
    drift_id is not null as is_drift,
    from_on,
    to_on,
    opened_at,
    closed_at
from dated
