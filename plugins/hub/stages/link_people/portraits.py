"""Portraits of the warehouse's mentions: drawn, numbered and loaded again when they are to be compared."""

import functools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.doors import people_store
from hub.doors.vault_reading import VaultReader
from hub.stages.link_people.blocking import keyed_numbers
from hub.stages.link_people.comparable import FIELDS, draw_portraits
from hub.stages.link_people.parameters import Parameters
from hub.stages.link_people.scoring import score_pairs

TOLD = ("first_name", "surname", "email", "phone", "birth_date", "postcode", "outward")
"""What makes two portraits the same."""
OF_APPEARANCE = ("record_id", "incident_id", "is_set_apart", "is_reporter_victim", "role", "client_id", "mention_id")
MOST_KEPT = 60_000
OF_PORTRAIT = ("incidents", "near_incidents", "clients")
DRAWN = pa.schema([("mention_id", pa.string()), ("portrait_id", pa.int64()), ("postcode_district", pa.string())])


@dataclass(frozen=True)
class Studio:
    """What portraits are drawn with: the hub's own key, a reader of the vault, and the parameters."""

    secret: bytes
    reader: VaultReader
    parameters: Parameters

    @functools.cached_property
    def given_names(self) -> Sequence[str]:
        return sorted(self.parameters.first_names.common)

    def draw(self, mentions: pa.Table) -> pa.Table:
        """Portraits of the appearances of mentions."""
        return draw_portraits(mentions.select(["appearance_id", "role", *FIELDS]), self.given_names)


def draw_changed(connection: sa.Connection, studio: Studio, part: int) -> pa.Table:
    """What is to be kept (``DRAWN``) of a part of the changed mentions.

    Mentions have one portrait where what is written would be recognised as the same person again: by itself, or
    together with the incident. Else each appearance has its own: two people called Sam are not one.
    """
    mentions = people_store.read_changed_mentions(connection, studio.reader, part)
    portraits = studio.draw(mentions)
    numbers = _number(studio, portraits, of_appearances(mentions, portraits["appearance_id"]))
    place = pc.index_in(mentions["appearance_id"], value_set=portraits["appearance_id"].combine_chunks())
    columns = (mentions["mention_id"], numbers.take(place), portraits["outward"].take(place))
    return pa.table(dict(zip(DRAWN.names, columns, strict=True)), schema=DRAWN)


class Gallery:
    """Portraits as they are wanted: ``PORTRAIT``, portrait_id, first_mention_id, ``OF_PORTRAIT`` (lists). The last
    ``MOST_KEPT`` are remembered, so that nothing they are drawn of may change any more: a day's run asks for the same
    ones again and again, and each costs a look into the vault."""

    def __init__(self, connection: sa.Connection, studio: Studio) -> None:
        self.studio = studio
        self._connection = connection
        self._kept: pa.Table | None = None

    def load(self, ids: pa.Array) -> pa.Table:
        """Those portraits, in the order of their numbers; one that nobody has any more is left out."""
        kept, missing = self._kept, ids.unique()
        if kept is not None and kept.num_rows > MOST_KEPT:
            kept = None
        if kept is not None:
            missing = missing.filter(pc.invert(pc.is_in(missing, value_set=_numbers(kept))))
        if len(missing) or kept is None:
            fresh = self._draw(missing)
            kept = fresh if kept is None else pa.concat_tables([kept, fresh])
        self._kept = kept
        return kept.filter(pc.is_in(kept["portrait_id"], value_set=ids)).sort_by("portrait_id")

    def _draw(self, ids: pa.Array) -> pa.Table:
        people_store.put_ids(self._connection, "sitters", ids.sort(), "bigint")
        mentions = people_store.read_sittings(self._connection, self.studio.reader, "sitters")
        portraits = self.studio.draw(mentions)
        place = _first_places(mentions["appearance_id"], portraits["appearance_id"])
        for name in ("portrait_id", "first_mention_id"):
            portraits = portraits.append_column(name, mentions[name].take(place))
        for name in OF_PORTRAIT:
            portraits = portraits.append_column(name, pc.split_pattern(mentions[name].take(place), " "))
        return portraits


def _numbers(portraits: pa.Table) -> pa.Array:
    return portraits["portrait_id"].combine_chunks()


def with_incident(portraits: pa.Table, incidents: pa.ChunkedArray, are_victims: pa.ChunkedArray) -> pa.Table:
    """Portraits of one appearance each, beside its incident: as ``OF_PORTRAIT`` says, without a client."""
    near = pc.split_pattern(incidents, " ")
    nothing = pa.scalar(None, near.type)
    columns = (pc.if_else(are_victims, near, nothing), near, pa.nulls(portraits.num_rows, near.type))
    for name, column in zip(OF_PORTRAIT, columns, strict=True):
        portraits = portraits.append_column(name, column)
    return portraits


def are_victims(appearances: pa.Table) -> pa.ChunkedArray:
    """Which appearances (columns role, is_reporter_victim) are of a victim, and not of who may be one."""
    return pc.or_(pc.equal(appearances["role"], "victim"), pc.fill_null(appearances["is_reporter_victim"], False))


def _number(studio: Studio, portraits: pa.Table, appearances: pa.Table) -> pa.Array:
    """The number of each portrait; null where nothing is told."""
    told = [portraits[name].to_pylist() for name in TOLD]
    texts = ["\x1f".join(value or "" for value in row) for row in zip(*told, strict=True)]
    alone, in_one_incident = _recognised(studio.parameters, portraits, appearances)
    shared = [
        f"anywhere\x1e{text}" if by_itself else f"{incident}\x1e{text}" if in_incident else None
        for text, by_itself, in_incident, incident in zip(
            texts, alone, in_one_incident, appearances["incident_id"].to_pylist(), strict=True
        )
    ]
    records, strangers = appearances["record_id"].to_pylist(), _are_two(appearances)
    alike = Counter(zip(records, shared, strict=True))
    chosen = [
        f"own\x1e{appearance}"
        if likeness is None or is_set_apart or (is_two and alike[record, likeness] > 1)
        else likeness
        for appearance, likeness, is_set_apart, is_two, record in zip(
            portraits["appearance_id"].to_pylist(),
            shared,
            appearances["is_set_apart"].to_pylist(),
            strangers,
            records,
            strict=True,
        )
    ]
    numbers = keyed_numbers(studio.secret, "portrait", chosen)
    nothing = "\x1f" * (len(TOLD) - 1)
    return pa.array(
        [None if text == nothing else number for text, number in zip(texts, numbers, strict=True)], pa.int64()
    )


def _are_two(appearances: pa.Table) -> list[bool]:
    """Where the record says that its reporter is not its victim: two people, however alike they are written."""
    return [answer is False for answer in appearances["is_reporter_victim"].to_pylist()]


def _recognised(parameters: Parameters, portraits: pa.Table, appearances: pa.Table) -> tuple[list[bool], list[bool]]:
    """Whether a second portrait that is equal in everything would be confirmed as the same person: without looking at
    the incident, and with it."""
    places = pa.array(range(portraits.num_rows), pa.int64())
    portraits = portraits.append_column("portrait_id", places)
    portraits = with_incident(portraits, appearances["incident_id"], are_victims(appearances))
    scored = score_pairs(parameters, portraits, pa.table({"portrait_a": places, "portrait_b": places}))
    weight, threshold = scored["match_weight"].to_numpy(), weight_of(parameters.confirmed)
    alone = weight - scored["mw_incident"].to_numpy()
    return (alone >= threshold).tolist(), (weight >= threshold).tolist()


def weight_of(probability: float) -> float:
    """The match weight (log 2 of the odds) of a probability."""
    return math.log2(probability / (1 - probability))


def of_appearances(mentions: pa.Table, wanted: pa.ChunkedArray) -> pa.Table:
    """``OF_APPEARANCE`` of each wanted appearance: its mentions say the same; of two roles, the victim's."""
    grouped = mentions.group_by("appearance_id", use_threads=False).aggregate([(name, "max") for name in OF_APPEARANCE])
    grouped = grouped.rename_columns(["appearance_id", *OF_APPEARANCE])
    return grouped.take(pc.index_in(wanted, value_set=grouped["appearance_id"].combine_chunks()))


def _first_places(values: pa.ChunkedArray, wanted: pa.ChunkedArray) -> pa.Array:
    return pc.index_in(wanted, value_set=values.combine_chunks())
