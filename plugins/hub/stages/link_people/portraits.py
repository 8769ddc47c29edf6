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
from hub.stages.link_people.blocking import keyed_numbers
from hub.stages.link_people.comparable import FIELDS, draw_portraits
from hub.stages.link_people.parameters import Parameters
from hub.stages.link_people.scoring import score_pairs

TOLD = ("first_name", "surname", "email", "phone", "birth_date", "postcode", "outward")
"""What makes two portraits the same."""
OF_APPEARANCE = ("record_id", "incident_id", "is_set_apart", "is_reporter_victim")
DRAWN = pa.schema([("mention_id", pa.string()), ("portrait_id", pa.int64()), ("postcode_district", pa.string())])


@dataclass(frozen=True)
class Studio:
    """What portraits are drawn with: the hub's own key and the parameters."""

    secret: bytes
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
    mentions = people_store.read_changed_mentions(connection, part)
    portraits = studio.draw(mentions)
    numbers = _number(studio, portraits, _of_appearances(mentions, portraits["appearance_id"]))
    place = pc.index_in(mentions["appearance_id"], value_set=portraits["appearance_id"].combine_chunks())
    columns = (mentions["mention_id"], numbers.take(place), portraits["outward"].take(place))
    return pa.table(dict(zip(DRAWN.names, columns, strict=True)), schema=DRAWN)


def load(connection: sa.Connection, studio: Studio, ids: str) -> pa.Table:
    """Portraits of a temporary table of ids: ``PORTRAIT``, portrait_id, first_mention_id and incidents (a list)."""
    mentions = people_store.read_sittings(connection, ids)
    portraits = studio.draw(mentions)
    place = _first_places(mentions["appearance_id"], portraits["appearance_id"])
    for name in ("portrait_id", "first_mention_id"):
        portraits = portraits.append_column(name, mentions[name].take(place))
    incidents = pc.split_pattern(mentions["incidents"].take(place), " ")
    return portraits.append_column("incidents", incidents).sort_by("portrait_id")


def _number(studio: Studio, portraits: pa.Table, appearances: pa.Table) -> pa.Array:
    """The number of each portrait; null where nothing is told."""
    told = [portraits[name].to_pylist() for name in TOLD]
    texts = ["\x1f".join(value or "" for value in row) for row in zip(*told, strict=True)]
    alone, with_incident = _recognised(studio.parameters, portraits, appearances["incident_id"])
    shared = [
        f"anywhere\x1e{text}" if by_itself else f"{incident}\x1e{text}" if in_incident else None
        for text, by_itself, in_incident, incident in zip(
            texts, alone, with_incident, appearances["incident_id"].to_pylist(), strict=True
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


def _recognised(
    parameters: Parameters, portraits: pa.Table, incidents: pa.ChunkedArray
) -> tuple[list[bool], list[bool]]:
    """Whether a second portrait that is equal in everything would be confirmed as the same person: without looking at
    the incident, and with it."""
    places = pa.array(range(portraits.num_rows), pa.int64())
    portraits = portraits.append_column("portrait_id", places)
    portraits = portraits.append_column("incidents", pc.split_pattern(incidents, " "))
    scored = score_pairs(parameters, portraits, pa.table({"portrait_a": places, "portrait_b": places}))
    weight, threshold = scored["match_weight"].to_numpy(), weight_of(parameters.confirmed)
    alone = weight - scored["mw_incident"].to_numpy()
    return (alone >= threshold).tolist(), (weight >= threshold).tolist()


def weight_of(probability: float) -> float:
    """The match weight (log 2 of the odds) of a probability."""
    return math.log2(probability / (1 - probability))


def _of_appearances(mentions: pa.Table, wanted: pa.ChunkedArray) -> pa.Table:
    """``OF_APPEARANCE`` of each wanted appearance: all its mentions say the same."""
    grouped = mentions.group_by("appearance_id", use_threads=False).aggregate([(name, "max") for name in OF_APPEARANCE])
    grouped = grouped.rename_columns(["appearance_id", *OF_APPEARANCE])
    return grouped.take(pc.index_in(wanted, value_set=grouped["appearance_id"].combine_chunks()))


def _first_places(values: pa.ChunkedArray, wanted: pa.ChunkedArray) -> pa.Array:
    return pc.index_in(wanted, value_set=values.combine_chunks())
