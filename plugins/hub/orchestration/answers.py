"""What a person is asked about rows and deliveries that were not accepted, and carrying out the answer.

Plain functions, imported inside tasks only. Nothing here shows a value of a row.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from hub.contracts.model import read_catalogue
from hub.deliveries import DeliveryStatus, RowState
from hub.ingest import ledger
from hub.ingest import release as decisions
from hub.orchestration.asked_corrections import Corrections, describe_corrections
from hub.settings import Settings
from hub.vault.audit import account
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import QUARANTINED_ROWS

ROWS_SHOWN = 20


class NothingToDecide(ValueError):
    """The ids that a person gave name nothing that waits for a decision; the message names them."""


@dataclass
class Outcome:
    """What became of an answer: how many rows each feed took in, how many rows or deliveries stay out, and why some
    could not be decided (``{id: reason}``)."""

    rows_taken_in: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    decided_before: int = 0
    not_carried_out: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "rows_taken_in": dict(self.rows_taken_in)}


def describe(
    settings: Settings,
    quarantine_ids: Sequence[str],
    delivery_id: str | None,
    wish: str | None = None,
    corrections: Corrections | None = None,
    *,
    asked_by: str = "",
) -> str:
    """What the ids stand for and what is wished of them, as Markdown for the person who decides.

    Raises :class:`NothingToDecide` when one names nothing that waits.
    """
    if not quarantine_ids and delivery_id is None:
        raise NothingToDecide("give the ids of quarantined rows, or of a held delivery")
    engine = open_warehouse(settings, Role.LOADER)
    parts = [f"Asked for: **{wish}**."] if wish else []
    with begin(engine) as connection:
        rows = _open_rows(connection, quarantine_ids)
        parts += [_describe_rows(rows)] if rows else []
        if delivery_id is not None:
            parts.append(_describe_delivery(connection, delivery_id))
    if corrections:
        catalogue = read_catalogue(settings.expectations)
        try:
            parts.append(describe_corrections(settings, engine, catalogue, rows, corrections, asked_by or account()))
        except decisions.DecisionRefused as refusal:
            raise NothingToDecide(str(refusal)) from refusal
    return "\n\n".join(parts)


def _open_rows(connection: sa.Connection, quarantine_ids: Sequence[str]) -> Sequence[sa.Row[Any]]:
    columns = QUARANTINED_ROWS.c
    wanted = [uuid.UUID(one) for one in quarantine_ids]
    query = sa.select(QUARANTINED_ROWS).where(columns.quarantine_id.in_(wanted), columns.state == RowState.OPEN)
    rows = connection.execute(query.order_by(columns.feed, columns.delivery_id, columns.row_number)).all()
    if missing := {str(one) for one in wanted} - {str(row.quarantine_id) for row in rows}:
        raise NothingToDecide(f"no open quarantined row has the id {', '.join(sorted(missing))}")
    return rows


def _describe_rows(rows: Sequence[sa.Row[Any]]) -> str:
    shown = [
        f"| {row.feed} | {row.delivery_id} | {row.row_number} | {row.rule} | {_cell(row.because)} |"
        for row in rows[:ROWS_SHOWN]
    ]
    more = [f"\n… and {len(rows) - ROWS_SHOWN} more."] if len(rows) > ROWS_SHOWN else []
    heading = f"**{len(rows)} quarantined row(s)**\n\n| feed | delivery | row | rule | because |\n|---|---|---|---|---|"
    return "\n".join([heading, *shown, *more])


def _describe_delivery(connection: sa.Connection, delivery_id: str) -> str:
    try:
        row = ledger.get(connection, uuid.UUID(delivery_id))
    except LookupError as error:
        raise NothingToDecide(str(error)) from error
    if row.status != DeliveryStatus.HELD:
        raise NothingToDecide(f"delivery {delivery_id} is {row.status}, not held")
    return f"**Held delivery** {delivery_id} of {row.feed}, received {row.received_at:%Y-%m-%d %H:%M} UTC: {row.reason}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def carry_out(
    settings: Settings,
    quarantine_ids: Iterable[str],
    delivery_id: str | None,
    corrections: Corrections | None = None,
    *,
    is_release: bool,
    decided_by: str,
) -> Outcome:
    """Release or reject each, those released as they are corrected; what was decided before stays so. One that cannot
    be decided leaves the others alone."""
    catalogue = read_catalogue(settings.expectations)
    engine = open_warehouse(settings, Role.LOADER)
    outcome = Outcome()
    for one in map(uuid.UUID, quarantine_ids):
        correction = (corrections or {}).get(str(one))
        taken_in = RowState.CORRECTED if correction else RowState.RELEASED
        try:
            if is_release:
                decision = decisions.release_row(settings, engine, catalogue, one, decided_by, correction)
            else:
                decision = decisions.reject_row(settings, engine, one, decided_by)
        except (decisions.DecisionRefused, LookupError) as refusal:
            outcome.not_carried_out[str(one)] = str(refusal)
            continue
        outcome.decided_before += not decision.is_new
        outcome.left_out += decision.state is RowState.REJECTED
        if decision.state is taken_in:
            outcome.rows_taken_in[_feed_of(engine, one)] += 1
    if delivery_id is not None:
        _decide_delivery(
            settings, engine, uuid.UUID(delivery_id), outcome, is_release=is_release, decided_by=decided_by
        )
    return outcome


def _decide_delivery(
    settings: Settings,
    engine: sa.Engine,
    delivery_id: uuid.UUID,
    outcome: Outcome,
    *,
    is_release: bool,
    decided_by: str,
) -> None:
    catalogue = read_catalogue(settings.expectations)
    try:
        if is_release:
            result = decisions.release_delivery(settings, engine, catalogue, delivery_id, decided_by)
        else:
            result = decisions.reject_delivery(engine, delivery_id, decided_by)
    except (decisions.DecisionRefused, LookupError) as refusal:
        outcome.not_carried_out[str(delivery_id)] = str(refusal)
        return
    if result.status is DeliveryStatus.LOADED:
        outcome.rows_taken_in[result.feed] += result.rows_accepted
    else:
        outcome.left_out += 1


def _feed_of(engine: sa.Engine, quarantine_id: uuid.UUID) -> str:
    query = sa.select(QUARANTINED_ROWS.c.feed).where(QUARANTINED_ROWS.c.quarantine_id == quarantine_id)
    with engine.connect() as connection:
        return str(connection.execute(query).scalar_one())
