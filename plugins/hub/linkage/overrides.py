"""Manual overrides: what people decide about two reports, or about two mentions. No decision contradicts another: each
waits for the one before, and for a linkage that runs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.linkage.incident_state import LINKAGE_LOCK
from hub.linkage.person_tables import MENTION_IDENTITIES, PEOPLE_LOCK
from hub.linkage.tables import INCIDENT_OVERRIDES, PERSON_OVERRIDES, REPORT_INCIDENTS
from hub.warehouse.columns import is_one_of

_MUST_LINKED = """
    with recursive joined (id) as (
        select cast(:id as uuid)
        union
        select found.id
        from joined
        cross join lateral (
            select case when overrides.{thing}_a = joined.id then overrides.{thing}_b else overrides.{thing}_a end
            from linkage.{whole}_overrides as overrides
            where
                joined.id in (overrides.{thing}_a, overrides.{thing}_b)
                and overrides.is_together and (overrides.{thing}_a, overrides.{thing}_b) <> (:first, :second)
            {same_anyway}
        ) as found (id)
    )
    select id from joined
"""
_OF_ONE_APPEARANCE = """
            union all
            select others.mention_id
            from linkage.mention_identities as mine
            inner join linkage.mention_identities as others on mine.appearance_id = others.appearance_id
            where mine.mention_id = joined.id
"""
"""Reporter and victim are one where their report says so, whatever is decided."""
_DECIDED = """
    select
        least(mine.{whole}_id, others.{whole}_id) as one_id, greatest(mine.{whole}_id, others.{whole}_id) as other_id
    from linkage.{whole}_overrides as overrides
    inner join linkage.{thing}_{whole}s as mine on overrides.{thing}_a = mine.{thing}_id
    inner join linkage.{thing}_{whole}s as others on overrides.{thing}_b = others.{thing}_id
"""


class OverrideRefused(ValueError):
    """A decision that is refused; the message says why."""


@dataclass(frozen=True)
class Decided:
    """What is decided about: each of the ``known`` things is of one whole."""

    thing: str
    whole: str
    table: sa.Table
    known: sa.Column[uuid.UUID]
    take_back: str
    """The command that takes a decision back."""
    lock: int
    """Who links, or decides, holds it."""
    same_anyway: str = ""
    """Goes on from ``joined.id`` to what is of the same whole without a decision."""

    @property
    def wholes(self) -> str:
        """A query of the two wholes of each decision, the smaller id first: one_id, other_id."""
        return _DECIDED.format(thing=self.thing, whole=self.whole)


REPORTS = Decided(
    "report", "incident", INCIDENT_OVERRIDES, REPORT_INCIDENTS.c.report_id, "hub incidents unpin", LINKAGE_LOCK
)
MENTIONS = Decided(
    "mention",
    "person",
    PERSON_OVERRIDES,
    MENTION_IDENTITIES.c.mention_id,
    "hub people unpin",
    PEOPLE_LOCK,
    _OF_ONE_APPEARANCE,
)


def set_override(
    connection: sa.Connection,
    about: Decided,
    both: tuple[uuid.UUID, uuid.UUID],
    *,
    is_together: bool,
    because: str,
    decided_by: str,
) -> None:
    """Write down a decision about two things; one about the same two is replaced.

    Raises :class:`OverrideRefused` where one of them is not known, or where other overrides say the opposite: nobody
    should have to guess which of two decisions counts.
    """
    first, second = sorted(both)
    if first == second:
        raise OverrideRefused(f"a {about.thing} is always one {about.whole} with itself")
    if not because.strip():
        raise OverrideRefused("a decision needs its reason")
    _wait(connection, about)
    linked: Sequence[uuid.UUID] = (
        connection.execute(sa.select(about.known).where(about.known.in_([first, second]))).scalars().all()
    )
    if missing := {first, second}.difference(linked):
        raise OverrideRefused(f"no linked {about.thing} {', '.join(map(str, sorted(missing)))}")
    _refuse_contradiction(connection, about, first, second, is_together=is_together)
    decision = {"is_together": is_together, "because": because, "decided_by": decided_by}
    columns = _columns(about)
    fresh = insert(about.table).values({columns[0].name: first, columns[1].name: second, **decision})
    connection.execute(
        fresh.on_conflict_do_update(index_elements=columns, set_={**decision, "decided_at": sa.func.now()})
    )


def remove_override(connection: sa.Connection, about: Decided, both: tuple[uuid.UUID, uuid.UUID]) -> None:
    """Take a decision back. Raises :class:`OverrideRefused` where there is none."""
    first, second = sorted(both)
    one, other = _columns(about)
    _wait(connection, about)
    done = connection.execute(sa.delete(about.table).where(one == first, other == second))
    if done.rowcount == 0:
        raise OverrideRefused(f"{first} and {second} have no manual override")


def _wait(connection: sa.Connection, about: Decided) -> None:
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(about.lock)))


def _refuse_contradiction(
    connection: sa.Connection, about: Decided, first: uuid.UUID, second: uuid.UUID, *, is_together: bool
) -> None:
    """Other must-links may already have put the two together, or a cannot-link may part what the two would join."""
    query = sa.text(_MUST_LINKED.format(thing=about.thing, whole=about.whole, same_anyway=about.same_anyway))
    sides = [{"id": one, "first": first, "second": second} for one in (first, second)]
    mine, others = (set[uuid.UUID](connection.execute(query, side).scalars()) for side in sides)
    if not is_together:
        if second in mine:
            raise OverrideRefused(f"other must-links put the two together; take one back first ({about.take_back})")
        return
    one, other = _columns(about)
    between = sa.or_(
        sa.and_(is_one_of(one, mine), is_one_of(other, others)),
        sa.and_(is_one_of(one, others), is_one_of(other, mine)),
    )
    is_other = sa.or_(one != first, other != second)
    apart = sa.select(one, other).where(~about.table.c.is_together, between, is_other).limit(1)
    if (found := connection.execute(apart).first()) is not None:
        raise OverrideRefused(f"{found[0]} and {found[1]} are a cannot-link; take it back first ({about.take_back})")


def _columns(about: Decided) -> tuple[sa.Column[uuid.UUID], sa.Column[uuid.UUID]]:
    one, other = about.table.primary_key.columns
    return one, other
