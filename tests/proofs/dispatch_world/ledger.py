"""The hub's ledger of dispatches, read from its tables alone."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

WITHOUT_AN_ANSWER = ("sent", "delivered", "opened")
ANSWERED = ("acknowledged", "accepted", "returned", "transferred", "closed")
OVER = ("returned", "transferred", "closed")
ENDS = ("withdrawn", "superseded")
MAY_FOLLOW: dict[str | None, tuple[str, ...]] = {
    # From the picture and the words of docs/dispatch.md: answers may skip states, one to what failed proves that it
    # came, and until it is over a dispatch can be withdrawn or replaced.
    None: ("prepared",),
    "prepared": ("approved", "sent", "failed", *ENDS),
    "approved": ("sent", "failed", *ENDS),
    "failed": ("sent", "delivered", "opened", *ANSWERED, *ENDS),
    "sent": ("delivered", "opened", *ANSWERED, *ENDS),
    "delivered": ("opened", *ANSWERED, *ENDS),
    "opened": (*ANSWERED, *ENDS),
    "acknowledged": ("accepted", *OVER, *ENDS),
    "accepted": (*OVER, *ENDS),
    "returned": ("closed",),
    "transferred": ("closed",),
    "closed": (),
    "withdrawn": (),
    "superseded": (),
}


@dataclass(frozen=True)
class Move:
    """A row of ``ledger.dispatch_moves``."""

    number: int
    before: str | None
    to: str
    at: datetime
    actor: str
    proof: str


@dataclass(frozen=True)
class Send:
    """A row of ``ledger.dispatch_sends``."""

    state: str
    attempts: int
    problem: str | None
    receipt: str | None


@dataclass
class Dispatch:
    """A row of ``ledger.dispatches`` with its moves; its state is where the last of them led."""

    dispatch_id: str
    number: int
    allocation_id: str
    supersedes: str | None
    recipient: str
    needs_approval: bool
    package: str
    moves: list[Move] = field(default_factory=list)
    sends: dict[str, Send] = field(default_factory=dict)

    @property
    def state(self) -> str:
        return self.moves[-1].to

    @property
    def way(self) -> list[str]:
        return [one.to for one in self.moves]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.package.encode()).hexdigest()

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.package))


@dataclass
class Ledger:
    """All of it at one moment."""

    dispatches: dict[str, Dispatch]
    alerts: list[tuple[str, str]]
    replaced_by: dict[str, str]

    @classmethod
    def read(cls, engine: sa.Engine) -> "Ledger":
        with engine.connect() as connection:
            found = {
                row.dispatch_id: Dispatch(**row._mapping)
                for row in connection.exec_driver_sql(
                    "select dispatch_id::text, dispatch_number as number, allocation_id::text, supersedes::text,"
                    " recipient, needs_approval, package from ledger.dispatches order by dispatch_number"
                )
            }
            for row in connection.exec_driver_sql(
                "select dispatch_id::text, move_number, from_state, to_state, at, actor, proof"
                " from ledger.dispatch_moves order by dispatch_id, move_number"
            ):
                found[row[0]].moves.append(Move(*row[1:]))
            for row in connection.exec_driver_sql(
                "select dispatch_id::text, document, state, attempts, problem, receipt from ledger.dispatch_sends"
            ):
                found[row[0]].sends[row[1]] = Send(*row[2:])
            alerts = connection.exec_driver_sql("select kind, owner from ledger.alerts where closed_at is null").all()
        replaced = {one.supersedes: one.dispatch_id for one in found.values() if one.supersedes is not None}
        return cls(found, [(str(kind), str(owner)) for kind, owner in alerts], replaced)

    def of_allocation(self) -> dict[str, list[Dispatch]]:
        """The versions of each allocation, the first one first."""
        found: dict[str, list[Dispatch]] = defaultdict(list)
        for one in self.dispatches.values():
            found[one.allocation_id].append(one)
        return found
