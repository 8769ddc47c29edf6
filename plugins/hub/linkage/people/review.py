"""What people see of the linkage, and what they decide: pairs by level of agreement, never by value."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import sqlalchemy as sa

from hub.linkage import overrides
from hub.linkage.people import store
from hub.linkage.people.charts import level_label
from hub.linkage.people.comparisons import COMPARISONS
from hub.linkage.people.components import Pair
from hub.linkage.people.parameters import read_parameters
from hub.linkage.people.records import Records
from hub.linkage.people.scoring import score_pairs
from hub.linkage.person_tables import MENTION_IDENTITIES
from hub.linkage.tables import MENTION_PERSONS, PERSON_PAIRS
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.reading import VaultReader

_REVIEW = f"""
    with decided as materialized ({overrides.MENTIONS.wholes})
    select pairs.*
    from linkage.person_pairs as pairs
    inner join linkage.mention_persons as one on pairs.mention_a = one.mention_id
    inner join linkage.mention_persons as other on pairs.mention_b = other.mention_id
    where pairs.state = 'review'
        and (least(one.person_id, other.person_id), greatest(one.person_id, other.person_id))
            not in (select one_id, other_id from decided)
    order by pairs.probability desc, pairs.mention_a, pairs.mention_b
    limit :limit
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class LikelyPair:
    """Two mentions that may be one person; ``levels`` says of each field how they agree (agree, typo, differ, …)."""

    mention_a: str
    mention_b: str
    probability: float
    state: str
    levels: Mapping[str, str]


@dataclass(frozen=True)
class Mentioned:
    """One mention of a person: where it is, not what it says."""

    mention_id: str
    record_id: str
    feed: str
    role: str


def list_review(settings: Settings, engine: sa.Engine, *, limit: int) -> list[LikelyPair]:
    """Pairs that await a decision, the likeliest first: likely to be one person, but apart, and nothing is decided
    about the two persons."""
    return _with_levels(settings, engine, sa.text(_REVIEW).bindparams(limit=limit))


def list_mentions(engine: sa.Engine, person_id: uuid.UUID) -> list[Mentioned]:
    """The mentions of a person. Raises LookupError where there is no such person."""
    seen = MENTION_IDENTITIES.c
    query = (
        sa.select(seen.mention_id, seen.record_id, seen.feed, seen.role)
        .join(MENTION_PERSONS, MENTION_PERSONS.c.mention_id == seen.mention_id)
        .where(MENTION_PERSONS.c.person_id == person_id)
        .order_by(seen.mention_id)
    )
    with engine.begin() as connection:
        store.prepare(connection)
        rows = [Mentioned(str(row[0]), str(row[1]), row[2], row[3]) for row in connection.execute(query)]
    if not rows:
        raise LookupError(f"no person {person_id}")
    return rows


def list_pairs(settings: Settings, engine: sa.Engine, person_id: uuid.UUID) -> list[LikelyPair]:
    """The pairs that speak for or against a person's mentions being one person."""
    mine = sa.select(MENTION_PERSONS.c.mention_id).where(MENTION_PERSONS.c.person_id == person_id)
    pairs = PERSON_PAIRS.c
    query = (
        sa.select(PERSON_PAIRS)
        .where(sa.or_(pairs.mention_a.in_(mine), pairs.mention_b.in_(mine)))
        .order_by(pairs.probability.desc(), pairs.mention_a, pairs.mention_b)
    )
    return _with_levels(settings, engine, query)


def set_override(
    engine: sa.Engine, mentions: tuple[uuid.UUID, uuid.UUID], *, is_together: bool, because: str, decided_by: str
) -> None:
    """Decide that two mentions are one person, or are not, from the next linkage on; a later decision takes the place
    of an earlier one. Raises :class:`OverrideRefused` as for reports, and where the linkage could not follow it."""
    with engine.begin() as connection:
        store.prepare(connection)
        _refuse_impossible(connection, mentions, is_together=is_together)
        overrides.set_override(
            connection, overrides.MENTIONS, mentions, is_together=is_together, because=because, decided_by=decided_by
        )


def remove_override(engine: sa.Engine, mentions: tuple[uuid.UUID, uuid.UUID]) -> None:
    """Take a decision back from the next linkage on. Raises :class:`OverrideRefused` where there is none."""
    with engine.begin() as connection:
        store.prepare(connection)
        overrides.remove_override(connection, overrides.MENTIONS, mentions)


def _refuse_impossible(connection: sa.Connection, mentions: Iterable[uuid.UUID], *, is_together: bool) -> None:
    """A mention without any value is nobody's; reporter and victim are one where their report says so."""
    seen = MENTION_IDENTITIES.c
    query = sa.select(seen.mention_id, seen.identity_id, seen.appearance_id).where(seen.mention_id.in_(list(mentions)))
    rows = connection.execute(query.order_by(seen.mention_id)).all()
    for row in rows:
        if row.identity_id is None:
            raise overrides.OverrideRefused(f"mention {row.mention_id} gives no name and no detail of a person")
    if not is_together and len({row.appearance_id for row in rows}) == 1:
        raise overrides.OverrideRefused("their report says that its reporter is the victim; correct the report first")


def _with_levels(settings: Settings, engine: sa.Engine, query: sa.Executable) -> list[LikelyPair]:
    with engine.begin() as connection:
        store.prepare(connection)
        rows = connection.execute(query).all()
        pairs = [(str(row.mention_a), str(row.mention_b)) for row in rows]
        levels = _levels(settings, connection, pairs)
    return [
        LikelyPair(*pair, row.probability, row.state, levels.get(pair, {}))
        for pair, row in zip(pairs, rows, strict=True)
    ]


def _levels(settings: Settings, connection: sa.Connection, pairs: Iterable[Pair]) -> dict[Pair, dict[str, str]]:
    """How the fields of each pair of mentions agree, looked up in the vault again."""
    pairs = list(pairs)
    if not pairs:
        return {}
    identity_of = store.read_identities_of(connection, {mention for pair in pairs for mention in pair})
    known = [pair for pair in pairs if pair[0] in identity_of and pair[1] in identity_of]
    parameters, reader = read_parameters(), VaultReader(settings, "review of likely persons")
    records = Records(connection, read_ring(settings, Purpose.PERSON).secret, reader, parameters)
    sides = {
        name: pa.array([identity_of[pair[position]] for pair in known], pa.int64())
        for position, name in enumerate(("identity_a", "identity_b"))
    }
    identities = records.with_users(records.load({*identity_of.values()}))
    scored = score_pairs(parameters, identities, pa.table(sides), with_levels=True)
    labels = {(row["identity_a"], row["identity_b"]): _labels(row) for row in scored.to_pylist()}
    return {pair: labels[identity_of[pair[0]], identity_of[pair[1]]] for pair in known}


def _labels(row: Mapping[str, float]) -> dict[str, str]:
    names = [(str(comparison["output_column_name"]), comparison) for comparison in COMPARISONS]
    return {name: level_label(comparison, int(row[f"gamma_{name}"])) for name, comparison in names}
