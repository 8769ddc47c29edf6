"""What recipients answer, by the contracts of ``force_responses`` and ``provider_responses``: accepted rows make moves.
An answer that came before, late, or twice finds the dispatch past its move, and changes nothing."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch, IllegalMove
from hub.dispatch.states import ENDED, NOT_SENT, State

FEEDS: Mapping[str, str] = {"force": "force_responses", "provider": "provider_responses"}
"""By the kind of recipient, which is also the kind of target."""
MOVES_BY_FORCE = {
    "acknowledged": State.ACKNOWLEDGED,
    "accepted": State.ACCEPTED,
    "returned": State.RETURNED,
    "transferred": State.TRANSFERRED,
    "outcome": State.CLOSED,
}
MOVES_BY_PROVIDER = {
    "acknowledged": State.ACKNOWLEDGED,
    "more_information_needed": State.RETURNED,
    "content_removed": State.CLOSED,
    "content_restricted": State.CLOSED,
    "account_suspended": State.CLOSED,
    "no_violation": State.CLOSED,
    "information_provided": State.CLOSED,
}
NO_OUTCOME_YET = "0"

# The report decides which incident is answered, here as in the build, and a force's allocation_ref which of its
# dispatches; one that names another incident counts for nothing. An earlier version leads to the one that took its
# place, and where none is named the latest that had not ended is answered. A dispatch is answered by rows loaded
# after it was prepared, both by the database's clock: no other clock, of a recipient or of the hub's own processes,
# decides anything. The answers of a withdrawn delivery are none.
_ANSWERS = """
    with recursive live as (
        select * from ledger.dispatches where dispatch_id = any(:live)
    ),
    versions as (
        select dispatch_id, dispatch_id as version_id, supersedes from live
        union all
        select versions.dispatch_id, earlier.dispatch_id, earlier.supersedes
        from versions
        inner join ledger.dispatches as earlier on versions.supersedes = earlier.dispatch_id
    ),
    reports as (
        select distinct live.dispatch_id, evidence.report ->> 'report_ref' as report_ref
        from live
        cross join lateral jsonb_array_elements(cast(live.package as jsonb) -> 'evidence') as evidence (report)
    ),
    said as (
        select 'force_responses' as feed, 'provider' as not_of, said.force_code as target_code,
            said.incident_ref as report_ref, null as route, said.allocation_ref, said.response_ref, said.kind,
            said.outcome_code, said.happened_at, said._delivery_id as delivery_id, said._row_number as row_number,
            said._loaded_at as loaded_at
        from raw.force_responses as said
        union all
        select 'provider_responses', 'force', said.provider_code, said.report_ref, said.referral_route, null,
            said.response_ref, said.kind, null, said.happened_at, said._delivery_id, said._row_number, said._loaded_at
        from raw.provider_responses as said
    ),
    answers as (
        select said.*, named.dispatch_id as named_id
        from said
        inner join ledger.deliveries on said.delivery_id = deliveries.delivery_id and deliveries.status = 'loaded'
        left join ledger.dispatches as named
            on named.target_code = said.target_code
            and named.dispatch_number = case
                when said.allocation_ref ~ '^AL-[0-9]{8,15}$' then cast(substr(said.allocation_ref, 4) as bigint)
            end
            and (
                named.report_ref is null or cast(named.package as jsonb) -> 'evidence'
                @> jsonb_build_array(jsonb_build_object('report_ref', said.report_ref))
            )
        where said.loaded_at >= (select min(live.written_at) from live)
    ),
    matched as (
        select versions.dispatch_id, answers.*
        from answers
        inner join versions on answers.named_id = versions.version_id
        union all
        select reports.dispatch_id, answers.*
        from answers
        inner join reports on answers.named_id is null and answers.report_ref = reports.report_ref
    )
    select distinct on (matched.feed, matched.delivery_id, matched.row_number) matched.*
    from matched
    inner join live on matched.dispatch_id = live.dispatch_id
    where
        live.target_code = matched.target_code
        and live.target_kind <> matched.not_of
        and (matched.route is null or matched.route = live.route)
        and matched.loaded_at >= live.written_at
        and (matched.named_id is not null or not exists (
            select from ledger.dispatches as later
            inner join ledger.dispatch_moves as its_end on later.dispatch_id = its_end.dispatch_id
            where
                later.report_ref = matched.report_ref
                and (later.target_code, later.target_kind, later.route)
                = (live.target_code, live.target_kind, live.route)
                and later.dispatch_number > live.dispatch_number
                and later.written_at <= matched.loaded_at
                and its_end.to_state = any(:ends)
                and its_end.written_at >= matched.loaded_at
        ))
    order by matched.feed, matched.delivery_id, matched.row_number, live.dispatch_number desc
"""


@dataclass(frozen=True)
class Answer:
    """An accepted row, and to which state it moves its dispatch."""

    to: State
    happened_at: datetime
    proof: str


def follow(connection: sa.Connection, now: datetime) -> int:
    """Move each dispatch as its answers say, in the order in which they happened; return how many moves that made."""
    ledger.hold(connection)
    live = ledger.in_states(connection, set(State) - ENDED - NOT_SENT)
    by_dispatch, legal, count = _answers(connection, live), ledger.legal_moves(connection), 0
    moved = ledger.moved_by(connection, [one.proof for found in by_dispatch.values() for one in found])
    for one in live:
        state = one.state
        for answer in sorted(by_dispatch.get(one.dispatch_id, ()), key=lambda said: (said.happened_at, said.proof)):
            is_of_another = moved.get(answer.proof, one.dispatch_id) != one.dispatch_id
            if is_of_another or (state, answer.to, one.needs_approval) not in legal:
                continue
            with suppress(IllegalMove):  # a person has moved it just now
                ledger.move(connection, one.dispatch_id, answer.to, at=now, actor=one.target_code, proof=answer.proof)
                state, count = answer.to, count + 1
    return count


def _answers(connection: sa.Connection, live: list[Dispatch]) -> Mapping[Any, list[Answer]]:
    found = defaultdict(list)
    asked = {"live": [one.dispatch_id for one in live], "ends": sorted(ENDED)}
    for row in connection.execute(sa.text(_ANSWERS), asked):
        moves = MOVES_BY_FORCE if row.feed == "force_responses" else MOVES_BY_PROVIDER
        to = moves.get(row.kind)
        if to is not None and not (row.kind == "outcome" and row.outcome_code in (None, NO_OUTCOME_YET)):
            place = f"{row.feed} {row.response_ref} ({row.kind}), row {row.row_number} of delivery {row.delivery_id}"
            found[row.dispatch_id].append(Answer(to, datetime.fromisoformat(row.happened_at), place))
    return found
