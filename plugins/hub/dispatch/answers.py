"""What recipients answer, by the contracts of ``force_responses`` and ``provider_responses``: accepted rows make moves.
An answer that came before, late, or twice finds the dispatch past its move, and changes nothing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch
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

# A force names the dispatch or the report, a provider the report and the route. A dispatch is answered by what was
# loaded after it was prepared: the clocks of others decide nothing. The answers of a withdrawn delivery are none.
_ANSWERS = """
    with live as (
        select dispatches.*, 'AL-' || lpad(cast(dispatches.dispatch_number as text), 8, '0') as allocation_ref
        from ledger.dispatches
        where dispatches.dispatch_id = any(:live)
    ),
    answers as (
        select live.dispatch_id, 'force_responses' as feed, said.response_ref, said.kind, said.outcome_code,
            said._delivery_id as delivery_id, said._row_number as row_number, said.happened_at,
            coalesce(said.allocation_ref = live.allocation_ref, false) as is_named, live.dispatch_number
        from live
        inner join raw.force_responses as said
            on live.target_kind = 'force' and live.target_code = said.force_code
            and (live.allocation_ref = said.allocation_ref or live.report_ref = said.incident_ref)
            and said._loaded_at >= live.prepared_at
        union all
        select live.dispatch_id, 'provider_responses', said.response_ref, said.kind, null,
            said._delivery_id, said._row_number, said.happened_at, false, live.dispatch_number
        from live
        inner join raw.provider_responses as said
            on live.target_kind = 'provider' and live.target_code = said.provider_code
            and live.report_ref = said.report_ref and live.route = said.referral_route
            and said._loaded_at >= live.prepared_at
    )
    select distinct on (answers.feed, answers.delivery_id, answers.row_number) answers.*
    from answers
    inner join ledger.deliveries on answers.delivery_id = deliveries.delivery_id and deliveries.status = 'loaded'
    order by answers.feed, answers.delivery_id, answers.row_number, answers.is_named desc, answers.dispatch_number desc
"""


@dataclass(frozen=True)
class Answer:
    """An accepted row, and to which state it moves its dispatch."""

    to: State
    happened_at: datetime
    proof: str


def follow(connection: sa.Connection, now: datetime) -> int:
    """Move each dispatch as its answers say, in the order in which they happened; return how many moves that made."""
    live = ledger.in_states(connection, set(State) - ENDED - NOT_SENT)
    by_dispatch, legal, count = _answers(connection, live), ledger.legal_moves(connection), 0
    for one in live:
        state = one.state
        for answer in sorted(by_dispatch.get(one.dispatch_id, ()), key=lambda said: (said.happened_at, said.proof)):
            if (state, answer.to, one.needs_approval) in legal:
                ledger.move(connection, one.dispatch_id, answer.to, at=now, actor=one.target_code, proof=answer.proof)
                state, count = answer.to, count + 1
    return count


def _answers(connection: sa.Connection, live: list[Dispatch]) -> Mapping[Any, list[Answer]]:
    found = defaultdict(list)
    asked = {"live": [one.dispatch_id for one in live]}
    for row in connection.execute(sa.text(_ANSWERS), asked):
        moves = MOVES_BY_FORCE if row.feed == "force_responses" else MOVES_BY_PROVIDER
        to = moves.get(row.kind)
        if to is not None and not (row.kind == "outcome" and row.outcome_code in (None, NO_OUTCOME_YET)):
            place = f"{row.feed} {row.response_ref} ({row.kind}), row {row.row_number} of delivery {row.delivery_id}"
            found[row.dispatch_id].append(Answer(to, datetime.fromisoformat(row.happened_at), place))
    return found
