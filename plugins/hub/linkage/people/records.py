"""Identity records of the warehouse's mentions: made of what the vault holds, numbered, and read again when they are to
be compared."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.linkage.people import sources, store
from hub.linkage.people.candidates import contact_keys, keyed_numbers
from hub.linkage.people.comparable import FIELDS, IDENTITY, make_comparable
from hub.linkage.people.comparisons import FEW_USERS
from hub.linkage.people.evidence import WEIGHED, LevelWeights, combined, may_be_certain
from hub.linkage.people.parameters import Parameters
from hub.linkage.people.scoring import score_pairs
from hub.linkage.people.usage import CONTACTS, MANY, count_users, with_as_many_users, with_users
from hub.vault.reading import VaultReader

DISTINGUISHING = (
    *("first_name", "first_initial", "first_forms", "surname", "surname_forms", "lone_name", "name_letters"),
    *("email", "phone", "birth_date", "birth_year", "postcode", "outward"),
)
"""What makes two identity records the same."""
OF_APPEARANCE = ("record_id", "incident_id", "is_set_apart", "is_reporter_victim", "role", "client_id", "mention_id")
OF_IDENTITY = ("incidents", "near_incidents", "clients")
NUMBERED = pa.schema(
    [
        ("mention_id", pa.string()),
        ("identity_id", pa.int64()),
        ("postcode_district", pa.string()),
        ("is_erased", pa.bool_()),
    ]
)
IDENTITIES_A_PART = 50_000


@dataclass(frozen=True)
class Records:
    """Reads identity records: with the hub's own key, a reader of the vault, and the parameters."""

    connection: sa.Connection
    secret: bytes
    reader: VaultReader
    parameters: Parameters

    def make(self, mentions: pa.Table) -> pa.Table:
        """Identity records (``IDENTITY``) of the appearances of mentions with values."""
        return make_comparable(mentions.select(["appearance_id", "role", *FIELDS]))

    def number(self, mentions: pa.Table) -> pa.Table:
        """The identity record of each mention (``NUMBERED``).

        Mentions have one identity record where what is written would be recognised as the same person again: by itself,
        or together with the incident. Else each appearance has its own: two people called Sam are not one.
        """
        mentions = sources.with_values(self.connection, self.reader, mentions)
        identities = self.make(mentions)
        numbers = _number(self, identities, of_appearances(mentions, identities["appearance_id"]))
        position = pc.index_in(mentions["appearance_id"], value_set=identities["appearance_id"].combine_chunks())
        districts = identities["outward"].take(position)
        columns = (mentions["mention_id"], numbers.take(position), districts, mentions["is_erased"])
        return pa.table(dict(zip(NUMBERED.names, columns, strict=True)), schema=NUMBERED)

    def load(self, ids: Collection[int]) -> pa.Table:
        """Identity records by number: ``IDENTITY``, identity_id, first_mention_id, and ``OF_IDENTITY`` as lists. One
        that nobody has any more is left out."""
        parts = [self._load(list(some)) for some in batched(sorted(ids), IDENTITIES_A_PART)]
        return pa.concat_tables(parts or [self._load([])])

    def with_users(self, identities: pa.Table) -> pa.Table:
        """Identity records (as of :meth:`load`) with the number of people who use each of their contacts: all who
        give one are looked up."""
        keys = {
            key: (contact, value)
            for contact in CONTACTS
            for values in (sorted({*identities[contact].drop_null().to_pylist()}),)
            for key, value in zip(contact_keys(self.secret, contact, values), values, strict=True)
        }
        most = self.parameters.max_holders
        holders = store.read_holders(self.connection, dict.fromkeys(keys, most + 1))
        sizes = holders.groupby("key").size()
        by_many = set(sizes.index[sizes > most])
        others = {*holders.loc[~holders["key"].isin(by_many), "identity_id"].tolist()}
        others -= {*identities["identity_id"].to_pylist()}
        counts = count_users(pa.concat_tables([identities, self.load(others)]))
        for contact, value in map(keys.__getitem__, by_many):
            counts[contact][value] = MANY
        return with_users(identities, counts)

    def _load(self, ids: Sequence[int]) -> pa.Table:
        mentions = sources.with_values(self.connection, self.reader, sources.read_sources(self.connection, ids))
        identities = self.make(mentions)
        position = pc.index_in(identities["appearance_id"], value_set=mentions["appearance_id"].combine_chunks())
        for name in ("identity_id", "first_mention_id"):
            identities = identities.append_column(name, mentions[name].take(position))
        for name in OF_IDENTITY:
            identities = identities.append_column(name, pc.split_pattern(mentions[name].take(position), " "))
        return identities


def nobody() -> pa.Table:
    """A table like that of :meth:`Records.with_users` without rows."""
    empty = pa.table({name: pa.array([], IDENTITY.field(name).type) for name in IDENTITY.names})
    empty = empty.append_column("identity_id", pa.array([], pa.int64()))
    for name in OF_IDENTITY:
        empty = empty.append_column(name, pa.array([], pa.list_(pa.string())))
    return with_as_many_users(empty, 1)


def with_incident(identities: pa.Table, incidents: pa.ChunkedArray, are_victims: pa.ChunkedArray) -> pa.Table:
    """Identity records of one appearance each, beside its incident: as ``OF_IDENTITY`` says, without a client."""
    near = pc.split_pattern(incidents, " ")
    nothing = pa.scalar(None, near.type)
    columns = (pc.if_else(are_victims, near, nothing), near, pa.nulls(identities.num_rows, near.type))
    for name, column in zip(OF_IDENTITY, columns, strict=True):
        identities = identities.append_column(name, column)
    return identities


def are_victims(appearances: pa.Table) -> pa.ChunkedArray:
    """Which appearances (columns role, is_reporter_victim) are of a victim, and not of who may be one."""
    return pc.or_(pc.equal(appearances["role"], "victim"), pc.fill_null(appearances["is_reporter_victim"], False))


def of_appearances(mentions: pa.Table, wanted: pa.ChunkedArray) -> pa.Table:
    """``OF_APPEARANCE`` of each wanted appearance: its mentions say the same; of two roles, the victim's."""
    grouped = mentions.group_by("appearance_id", use_threads=False).aggregate([(name, "max") for name in OF_APPEARANCE])
    grouped = grouped.rename_columns(["appearance_id", *OF_APPEARANCE])
    return grouped.take(pc.index_in(wanted, value_set=grouped["appearance_id"].combine_chunks()))


def _number(records: Records, identities: pa.Table, appearances: pa.Table) -> pa.Array:
    """The number of each identity record; null where it holds nothing."""
    values = [identities[name].to_pylist() for name in DISTINGUISHING]
    texts = ["\x1f".join(map(_text_of, row)) for row in zip(*values, strict=True)]
    alone, in_one_incident = _recognised(records.parameters, identities, appearances)
    shared = [
        f"anywhere\x1e{text}" if by_itself else f"{incident}\x1e{text}" if in_incident else None
        for text, by_itself, in_incident, incident in zip(
            texts, alone, in_one_incident, appearances["incident_id"].to_pylist(), strict=True
        )
    ]
    record_ids, are_two = appearances["record_id"].to_pylist(), _are_two(appearances)
    alike = Counter(zip(record_ids, shared, strict=True))
    chosen = [
        f"own\x1e{appearance}"
        if likeness is None or is_set_apart or (is_two and alike[record_id, likeness] > 1)
        else likeness
        for appearance, likeness, is_set_apart, is_two, record_id in zip(
            identities["appearance_id"].to_pylist(),
            shared,
            appearances["is_set_apart"].to_pylist(),
            are_two,
            record_ids,
            strict=True,
        )
    ]
    numbers = keyed_numbers(records.secret, "identity", chosen)
    nothing = "\x1f" * (len(DISTINGUISHING) - 1)
    return pa.array(
        [None if text == nothing else number for text, number in zip(texts, numbers, strict=True)], pa.int64()
    )


def _text_of(value: str | list[str] | None) -> str:
    return " ".join(value) if isinstance(value, list) else value or ""


def _are_two(appearances: pa.Table) -> Iterable[bool]:
    """Whether the record says that its reporter is not its victim: two people, however similar their values."""
    return [answer is False for answer in appearances["is_reporter_victim"].to_pylist()]


def _recognised(parameters: Parameters, identities: pa.Table, appearances: pa.Table) -> tuple[list[bool], list[bool]]:
    """Whether a second identity record that is equal in everything would be confirmed as the same person: without
    looking at the incident, and with it."""
    positions = pa.array(range(identities.num_rows), pa.int64())
    identities = identities.append_column("identity_id", positions)
    identities = with_incident(identities, appearances["incident_id"], are_victims(appearances))
    # A family may share their contacts, and who else gives them is not known here.
    identities = with_as_many_users(identities, FEW_USERS)
    scored = score_pairs(parameters, identities, pa.table({"identity_a": positions, "identity_b": positions}))
    weights = {field: scored[field].to_numpy() for field in WEIGHED}
    nothing = np.zeros(scored.num_rows)
    levels = LevelWeights.of(parameters.model)
    elsewhere = weights | {"incident": nothing}
    alone = combined(levels, elsewhere, may_be_certain(levels, elsewhere))
    threshold = weight_of(parameters.confirmed)
    return (alone >= threshold).tolist(), (scored["match_weight"].to_numpy() >= threshold).tolist()


def weight_of(probability: float) -> float:
    """The match weight (log 2 of the odds) of a probability."""
    return math.log2(probability / (1 - probability))
