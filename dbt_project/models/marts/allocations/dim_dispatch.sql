with moves as (
    select
        dispatch_id,
        (array_agg(state order by move_number desc))[1] as state,
        max(moved_at) filter (where state = 'approved') as approved_at,
        min(moved_at) filter (where state = 'sent') as sent_at,
        min(moved_at) filter (where state = 'delivered') as delivered_at,
        min(moved_at) filter (where state = 'opened') as opened_at,
        -- Who accepts or hands back what nobody has acknowledged has received it by then.
        min(moved_at) filter (where state in ('acknowledged', 'accepted', 'returned', 'transferred', 'closed'))
            as answered_at,
        min(moved_at) filter (where state = 'accepted') as accepted_at,
        max(moved_at) filter (where state in ('closed', 'withdrawn', 'superseded')) as ended_at
    from {{ ref('stg_ledger__dispatch_moves') }}
    group by dispatch_id
)

select
    dispatches.dispatch_id,
    dispatches.allocation_id,
    dispatches.incident_id,
    dispatches.supersedes,
    dispatches.recipient,
    dispatches.target_kind,
    dispatches.target_code,
    case when dispatches.target_kind = 'force' then dispatches.target_code end as force_code,
    case when dispatches.target_kind = 'provider' then dispatches.target_code end as provider_code,
    dispatches.route,
    dispatches.is_urgent,
    dispatches.needs_approval,
    dispatches.prepared_from_publish,
    moves.state,
    dispatches.prepared_at,
    moves.approved_at,
    moves.sent_at,
    moves.delivered_at,
    moves.opened_at,
    moves.answered_at,
    moves.accepted_at,
    moves.ended_at
from {{ ref('stg_ledger__dispatches') }} as dispatches
inner join moves on dispatches.dispatch_id = moves.dispatch_id
