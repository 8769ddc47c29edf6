"""The states of a dispatch. Which moves there may be between them is declared in ``ledger.legal_dispatch_moves``."""

from enum import StrEnum


class State(StrEnum):
    """Where the last move of a dispatch has led."""

    PREPARED = "prepared"
    APPROVED = "approved"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    CLOSED = "closed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


NOT_SENT = frozenset({State.PREPARED, State.APPROVED})
UNANSWERED = frozenset({*NOT_SENT, State.SENT, State.DELIVERED, State.OPENED, State.FAILED})
GIVEN_BACK = frozenset({State.RETURNED, State.TRANSFERRED})
"""The recipient has handed the case on: another allocation follows."""
ENDED = frozenset({State.CLOSED, State.WITHDRAWN, State.SUPERSEDED})
ANSWERED = (State.ACKNOWLEDGED, State.ACCEPTED, State.RETURNED, State.TRANSFERRED, State.CLOSED)
"""Where answers lead."""
