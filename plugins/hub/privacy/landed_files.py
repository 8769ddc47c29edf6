"""Landed files that a person is in: which rows are about the person, and the same file without what they say of them.

A file is read in rows by its feed's own reader. One that cannot be (refused, of no known feed, without personal
columns) is looked through as text. No file goes as a whole: what an erasure leaves of one lies beside it, under a hash
of its own.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hub.backup.journal import forget_copies
from hub.backup.places import write_text
from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import TEXT_SUBJECT
from hub.deliveries import Chunk, DeliveryRefused
from hub.ingest.landing_store import feed_of, land_instead, landed_names, open_landed, remove_landed, remove_unfinished
from hub.ingest.load import with_iso_dates
from hub.ingest.readers import read_chunks
from hub.ingest.readers.assemble import MAX_KEPT_CHARACTERS
from hub.ingest.readers.blank_values import Blanks, CannotBlank, blanked
from hub.privacy.identity import WITH_A_NAME, Identity, comparable_value, identifying_columns
from hub.privacy.mention_search import MentionSearch, Span
from hub.privacy.plain_text import NotSearchable, TextSearch, names_in
from hub.privacy.text_mentions import Mention, mentions_at, mentions_in
from hub.privacy.vault_erasure import Subject
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES

LANDING = "landing"
"""Before the names of landed files, where there are other files beside them."""

type OwnRows = Mapping[int, frozenset[str]]
"""The roles in which rows name the person, by row number."""


@dataclass
class Rows:
    """The rows of a file that are about the person: whom each names by its number, or None where it could not be split;
    other rows of which a text names the person, by column; and the first lines of all rows. ``same_address`` are
    subjects who give the person's address and are not taken for the person. ``is_whole`` is false where a broken row is
    longer than what is read of it, and ``is_named`` says that the name of a file inside names the person."""

    subjects: dict[int, frozenset[str] | None] = field(default_factory=dict)
    same_address: dict[int, frozenset[str]] = field(default_factory=dict)
    mentions: dict[int, dict[str, tuple[Span, ...]]] = field(default_factory=dict)
    line_of: dict[int, int] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    is_whole: bool = True
    is_named: bool = False


@dataclass
class Landing:
    """The findings in the landing store. ``in_rows`` and ``in_text`` are files with the person in them,
    ``not_searched`` names those that cannot be searched, and ``in_ledger`` has the places that belong to a delivery."""

    looked_at: int = 0
    in_rows: dict[str, Rows] = field(default_factory=dict)
    in_text: list[str] = field(default_factory=list)
    not_searched: list[str] = field(default_factory=list)
    subjects: set[Subject] = field(default_factory=set)
    mentions: set[Mention] = field(default_factory=set)
    same_address: dict[tuple[str, int, str], set[Subject]] = field(default_factory=dict)
    """Those who give the person's address and are not taken for the person, by file, row and subject: where else they
    are, if anywhere."""
    in_ledger: set[str] = field(default_factory=set)

    @property
    def found(self) -> list[str]:
        """All files that the person is in."""
        return [*self.in_rows, *self.in_text]


@dataclass(frozen=True)
class LandedSearch:
    """Looks for one person in landed files: by what is known of the person, and at the places in ``own`` where the
    vault has the person's values."""

    settings: Settings
    catalogue: Catalogue
    identity: Identity
    own: Mapping[uuid.UUID, OwnRows]

    def search(self, connection: sa.Connection) -> Landing:
        """Look through every landed file, those first removed that never landed whole."""
        remove_unfinished(self.settings)
        deliveries = _deliveries_by_path(connection)
        found = Landing(in_ledger=set(deliveries))
        for name in landed_names(self.settings):
            found.looked_at += 1
            self._search_file(name, deliveries.get(name, frozenset()), found)
        return found

    def _search_file(self, name: str, delivery_ids: frozenset[uuid.UUID], found: Landing) -> None:
        contract = self.catalogue.contracts.get(feed_of(name))
        if contract is not None and contract.personal_columns:
            try:
                rows = self._rows(contract, name, delivery_ids)
            except DeliveryRefused:
                pass
            else:
                if rows.subjects or rows.is_named:
                    found.in_rows[name] = rows
                    found.subjects |= _places(contract.feed, delivery_ids, rows)
                found.same_address |= {
                    (name, number, one): {Subject(contract.feed, place, number, one) for place in delivery_ids}
                    for number, who in rows.same_address.items()
                    for one in who
                }
                found.mentions |= mentions_at(contract.feed, delivery_ids, rows.mentions)
                if not rows.is_whole:
                    found.not_searched.append(f"{LANDING}/{name} (a broken row of it)")
                return
        try:
            if mask_landed(self.settings, name, TextSearch.of(self.identity))[0]:
                found.in_text.append(name)
        except NotSearchable:
            found.not_searched.append(f"{LANDING}/{name}")

    def _rows(self, contract: Contract, name: str, delivery_ids: Iterable[uuid.UUID]) -> Rows:
        text, words, rows = TextSearch.of(self.identity), MentionSearch.of(self.identity), Rows()
        own: dict[int, frozenset[str]] = {}
        for delivery_id in delivery_ids:
            for number, subjects in self.own.get(delivery_id, {}).items():
                own[number] = own.get(number, frozenset()) | subjects
        with open_landed(self.settings, name) as landed:
            for chunk in read_chunks(self.settings, contract, landed, []):
                lines = dict(zip(chunk.row_numbers.to_pylist(), chunk.line_numbers.to_pylist(), strict=True))
                about = rows_about(contract, chunk.rows, chunk.row_numbers, self.identity, own, rows.same_address)
                rows.subjects |= about
                rows.is_whole &= self._search_broken(chunk, text, rows, lines)
                named = mentions_in(self.settings, contract, chunk.rows, chunk.row_numbers.to_pylist(), words)
                rows.mentions |= {one: spans for one, spans in named.items() if one not in rows.subjects}
                rows.line_of |= {one: line for one in rows.subjects.keys() & lines.keys() if (line := lines[one])}
                rows.lines += [line for line in lines.values() if line is not None]
            rows.is_named = text.is_in_name(names_in(landed))
        rows.lines.sort()
        return rows

    def _search_broken(self, chunk: Chunk, text: TextSearch, rows: Rows, lines: dict[int, int | None]) -> bool:
        for one in chunk.broken:
            lines[one.rejection.row_number] = one.rejection.line_number
            if text.is_in(one.raw_text):
                rows.subjects[one.rejection.row_number] = None
        return all(len(one.raw_text) < MAX_KEPT_CHARACTERS for one in chunk.broken)

    def rewrite(self, found: Landing) -> tuple[dict[str, str], list[str]]:
        """Put files without the person beside those that were found. Returns which takes the place of which (none
        where nothing changed), and the files in which the person is left."""
        instead: dict[str, str] = {}
        left: list[str] = []
        for name, rows in found.in_rows.items():
            contract = self.catalogue.contracts[feed_of(name)]
            try:
                with open_landed(self.settings, name) as landed:
                    blocks = blanked(contract, landed, _blanks(contract, rows), self.settings.max_unpacked_bytes)
                    instead[name] = land_instead(self.settings, name, blocks)
            except CannotBlank:
                left.append(f"{LANDING}/{name}")
                continue
            if self._is_in_rows(contract, instead[name]):
                left.append(f"{LANDING}/{instead[name]}")
        for name in found.in_text:
            text = TextSearch.of(self.identity)
            instead[name] = land_instead(self.settings, name, [mask_landed(self.settings, name, text)[1]])
            if self._is_in_text(instead[name]):
                left.append(f"{LANDING}/{instead[name]}")
        return {name: now for name, now in instead.items() if now != name}, left

    def _is_in_rows(self, contract: Contract, name: str) -> bool:
        """Whether the person is in a rewritten file. If it can no longer be read in rows, it is searched as text."""
        try:
            rows = self._rows(contract, name, ())
        except DeliveryRefused:
            return self._is_in_text(name)
        return bool(rows.subjects) or rows.is_named

    def _is_in_text(self, name: str) -> bool:
        """Whether the person is in a file, or nobody can say."""
        try:
            return bool(mask_landed(self.settings, name, TextSearch.of(self.identity))[0])
        except NotSearchable:
            return True


def mask_landed(settings: Settings, name: str, text: TextSearch) -> tuple[int, bytes]:
    """A landed file as text without the person. Raises :class:`~hub.privacy.plain_text.NotSearchable`."""
    with open_landed(settings, name) as landed:
        return text.mask(landed.read(), settings.max_unpacked_bytes)


def rows_about(
    contract: Contract,
    rows: pa.Table,
    row_numbers: pa.Int64Array,
    identity: Identity,
    own: OwnRows | None = None,
    same_address: dict[int, frozenset[str]] | None = None,
) -> dict[int, frozenset[str]]:
    """The rows that are about the person: as whom, by row number. ``own`` are rows already known to be.
    ``same_address`` receives those who give the person's address and are not taken for the person."""
    rows, own, numbers = with_iso_dates(contract, rows), own or {}, row_numbers.to_numpy()
    cells = {
        subject: {one: rows.column(column.name) for one, column in columns.items()}
        for subject, columns in identifying_columns(contract).items()
    }
    asked = np.isin(numbers, list(own))
    for columns in cells.values():
        for one, values in columns.items():
            if one not in WITH_A_NAME:
                seen = values.combine_chunks().dictionary_encode()
                known = [identity.may_know(one, value) for value in seen.dictionary.to_pylist()]
                asked |= np.array([*known, False])[seen.indices.fill_null(len(known)).to_numpy()]
    found: dict[int, frozenset[str]] = {}
    for place in np.flatnonzero(asked).tolist():
        number = int(numbers[place])
        stated = _stated(cells, place)
        if who := identity.who(stated, own.get(number, frozenset())):
            found[number] = who
        others = frozenset(one for one in stated.keys() - who if identity.gives_address(stated[one]))
        if same_address is not None and others:
            same_address[number] = others
    return found


def _stated(cells: Mapping[str, Mapping[str, pa.ChunkedArray]], place: int) -> dict[str, dict[str, str]]:
    return {
        subject: {
            one: comparable_value(one, value) for one, values in columns.items() if (value := values[place].as_py())
        }
        for subject, columns in cells.items()
    }


def plan_removal(settings: Settings, erasure_id: uuid.UUID, names: Iterable[str]) -> None:
    """Write down which landed files are to go once the ledger no longer points to them."""
    write_text(_plan(settings, erasure_id), json.dumps(list(names)))


def carry_out_removal(settings: Settings, erasure_id: uuid.UUID) -> None:
    """Remove the landed files of a plan, also where an erasure was killed before it could, and forget the plan."""
    if is_removal_planned(settings, erasure_id):
        remove_planned(settings, erasure_id)
        _plan(settings, erasure_id).unlink()


def remove_planned(settings: Settings, erasure_id: uuid.UUID) -> None:
    """Remove the landed files of a plan and their copies, and keep the plan."""
    names = json.loads(_plan(settings, erasure_id).read_text(encoding="utf-8"))
    remove_landed(settings, names)
    forget_copies(settings, names)


def is_removal_planned(settings: Settings, erasure_id: uuid.UUID) -> bool:
    """Whether a plan has not been carried out to its end."""
    return _plan(settings, erasure_id).exists()


def _plan(settings: Settings, erasure_id: uuid.UUID) -> Path:
    return settings.home / "erasures" / f"{erasure_id}.to_remove.json"


def _blanks(contract: Contract, rows: Rows) -> Blanks:
    """The values to blank: those of the person in each row, and what was written in it."""
    columns = {
        number: None
        if subjects is None
        else {one.name: "" for one in contract.personal_columns if one.subject in subjects | {TEXT_SUBJECT}}
        for number, subjects in rows.subjects.items()
    }
    return Blanks(columns, rows.line_of, rows.lines)


def _places(feed: str, delivery_ids: Iterable[uuid.UUID], rows: Rows) -> set[Subject]:
    return {
        Subject(feed, delivery_id, number, subject)
        for delivery_id in delivery_ids
        for number, subjects in rows.subjects.items()
        for subject in subjects or ()
    }


def _deliveries_by_path(connection: sa.Connection) -> dict[str, frozenset[uuid.UUID]]:
    """The deliveries of the bytes at each place in the landing store, those of the same bytes elsewhere included."""
    kept, same = DELIVERIES.alias("kept"), DELIVERIES.alias("same")
    query = sa.select(kept.c.landing_path, same.c.delivery_id).join(
        same, sa.and_(kept.c.feed == same.c.feed, kept.c.sha256 == same.c.sha256)
    )
    found: dict[str, set[uuid.UUID]] = {}
    for row in connection.execute(query):
        found.setdefault(str(row.landing_path), set()).add(row.delivery_id)
    return {path: frozenset(ids) for path, ids in found.items()}
