"""Columns that tables of several packages have."""

import sqlalchemy as sa


def instant(
    name: str, *, nullable: bool = True, default_now: bool = False, comment: str | None = None
) -> sa.Column[object]:
    """A point in time; with ``default_now`` by the clock of the transaction, so that all that one run writes has one
    time."""
    kind, default = sa.TIMESTAMP(timezone=True), sa.func.now() if default_now else None
    return sa.Column(name, kind, nullable=nullable, server_default=default, comment=comment)
