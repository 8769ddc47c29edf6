"""Which places that are left a certificate names, one by one, which its general sentences excuse, and which a reader of
it does not learn."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proofs.erasure_search.compare import (
    AIRFLOW_HELD_IT,
    IN_A_FILE_NAME,
    IN_ANOTHERS_TEXT,
    IN_LINKED_ROW,
    IN_ROW_OF_ANOTHER_BIRTH,
    IN_ROW_OF_ANOTHER_NAME,
    WITHOUT_COLUMNS,
    Left,
)

SAME_ADDRESS = "records that give another name with the same address"
STORES = {
    "vault": ("vault", SAME_ADDRESS),
    "quarantine": ("quarantine", SAME_ADDRESS),
    "landed": ("landing", SAME_ADDRESS),
    "Airflow": ("Airflow's own database",),
    "table": ("all tables of the database, searched again",),
    "file": ("extracts, logs and other files", "all files of the hub, searched again"),
}
"""What the certificate calls the stores of the search. The bytes of tables and the log of the database are none: no
list names places in them."""
OTHERS_TEXTS = ("what others wrote",)
"""What the certificate calls the texts that wait until somebody has them masked."""


@dataclass(frozen=True)
class Excuse:
    """A sentence by which the certificate says that it does not reach a kind of place: the stores of the search, and
    the kinds of identifiers, that it is about."""

    sentence: str
    stores: frozenset[str]
    kinds: frozenset[str] = frozenset()
    about: str = ""
    detail: str = ""

    def covers(self, left: Left) -> bool:
        """Whether the sentence is about this place."""
        is_kind = not self.kinds or left.kind in self.kinds
        is_about = left.about == self.about if self.about else True
        return left.store in self.stores and is_kind and is_about and self.detail in left.detail


WRITE_AHEAD_LOG = "wrapped keys and names of delivered files in the database's write-ahead log"
AIRFLOW_SAID = "what rows said before they were masked: in their space until it is used again, and in the write-ahead"
ROWS = frozenset({"vault", "quarantine", "landed"})
EXCUSES = (
    Excuse(WRITE_AHEAD_LOG, frozenset({"write-ahead log"}), frozenset({"wrapped key"})),
    Excuse(WRITE_AHEAD_LOG, frozenset({"write-ahead log"}), detail=IN_A_FILE_NAME),
    Excuse(AIRFLOW_SAID, frozenset({"write-ahead log"}), about=AIRFLOW_HELD_IT),
    Excuse("files that wait in the drop folder", frozenset({"drop"})),
    Excuse("rows that linkage gives to others with the same e-mail address", ROWS, frozenset({"email"}), IN_LINKED_ROW),
    Excuse(
        "rows with the same telephone number that give another name",
        ROWS,
        frozenset({"telephone"}),
        IN_ROW_OF_ANOTHER_NAME,
    ),
    Excuse(
        "rows with the same telephone number that give another name or date of birth",
        ROWS,
        frozenset({"telephone"}),
        IN_ROW_OF_ANOTHER_BIRTH,
    ),
    Excuse("handles and codes where text is searched", frozenset({"file"}), frozenset({"handle"})),
    Excuse("handles and codes where text is searched", ROWS, frozenset({"handle"}), detail=WITHOUT_COLUMNS),
)


@dataclass(frozen=True)
class Said:
    """What a certificate says: by store, the places that are left and those that were not searched; and what is not
    reached."""

    erasure_id: str
    left_in: Mapping[str, list[str]]
    not_searched: Mapping[str, list[str]]
    not_reached: list[str]


@dataclass(frozen=True)
class Sorted:
    """What is left of one person, by how the certificate speaks of it."""

    named: set[Left] = field(default_factory=set)
    excused: set[Left] = field(default_factory=set)
    unnamed: set[Left] = field(default_factory=set)


def read_said(path: Path) -> Said:
    """A certificate as it was written."""
    return said_by(json.loads(path.read_text(encoding="utf-8")))


def said_by(kept: Mapping[str, Any]) -> Said:
    """What a certificate says that was read from its file."""
    stores = kept["stores"]
    return Said(
        kept["erasure_id"],
        {store["store"]: list(store["left_in"]) for store in stores},
        {store["store"]: list(store["not_searched"]) for store in stores},
        list(kept["not_reached"]),
    )


def sort_left(said: Said, left: Collection[Left]) -> Sorted:
    """Hold what is left of a certificate's person against it, place by place."""
    named = {one for one in left if _is_named(said, one)}
    excused = {one for one in set(left) - named if _is_excused(said, one)}
    return Sorted(named, excused, set(left) - named - excused)


def _is_named(said: Said, left: Left) -> bool:
    stores = OTHERS_TEXTS if left.about == IN_ANOTHERS_TEXT else STORES.get(left.store, ())
    left_in = [place for store in stores for place in said.left_in.get(store, ())]
    not_searched = [place for store in STORES.get(left.store, ()) for place in said.not_searched.get(store, ())]
    return any(_is_place(one, left) for one in left_in) or any(_is_file(one, left) for one in not_searched)


def _is_excused(said: Said, left: Left) -> bool:
    return any(
        excuse.covers(left) and any(excuse.sentence in sentence for sentence in said.not_reached) for excuse in EXCUSES
    )


def _is_place(named: str, left: Left) -> bool:
    """Whether a certificate's words name this row and whose columns they are; in a text of others, this column. What is
    in no row is named by its file or table."""
    if not left.row:
        return left.about != IN_ANOTHERS_TEXT and _is_file(named, left)
    feed, delivery, number = left.row
    whole = left.column if left.about == IN_ANOTHERS_TEXT else left.column.partition("_")[0]
    is_row = all(_has(named, part) for part in (f"row {number}", whole) if part)
    return is_row and (all(_has(named, part) for part in (feed, delivery)) or _is_file(named, left))


def _is_file(named: str, left: Left) -> bool:
    """Whether a certificate's words name this table or file."""
    if left.store == "landed":
        return any(_has(piece, left.place) for piece in named.split("/"))
    return left.store in STORES and left.store not in ROWS and _has(named, left.place)


def _has(named: str, part: str) -> bool:
    """Whether a name is among the words, and no longer name that it is a piece of."""
    return re.search(rf"(?<![\w./-]){re.escape(part)}(?![\w/-]|\.\w)", named) is not None
