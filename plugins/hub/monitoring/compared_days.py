"""Which days of a feed were compared with the past; one of which a delivery goes is compared again."""

from datetime import date

import sqlalchemy as sa

from hub.monitoring.tables import COMPARED_DAYS, DRIFTS, PROFILES

DRIFT_LOCK_SPACE = 4_207_031


def hold(connection: sa.Connection, feed: str) -> None:
    """Be alone, to the end of this transaction, in saying which days of a feed were compared."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(DRIFT_LOCK_SPACE, sa.func.hashtext(feed))))


def forget_day(connection: sa.Connection, feed: str, day: date) -> None:
    """Let a day be compared again, however many rows it has then. Where none of its deliveries is left, what was found
    on that day alone goes, too; a person's decisions stay."""
    hold(connection, feed)
    compared, kept, left = COMPARED_DAYS.c, DRIFTS.c, PROFILES.c
    connection.execute(sa.delete(COMPARED_DAYS).where(compared.feed == feed, compared.day == day))
    is_undecided = (kept.decision.is_(None), kept.closed_by.is_(None), kept.over_day.is_(None))
    is_of_it = (kept.feed == feed, kept.first_day == day, kept.last_day == day)
    is_left = sa.exists().where(left.feed == feed, left.day == day)
    connection.execute(sa.delete(DRIFTS).where(*is_of_it, *is_undecided, ~is_left))
