"""Records of one feed on their way into files, with what is true of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from hub.simulate.cells import Numbers

NOBODY = -1
"""In place of an incident, person or force: there is none."""
CLEAN = -1
"""In place of a broken rule: the record is right."""


@dataclass(frozen=True)
class Truth:
    """Arrays of one value a record: numbers of the incident and of the victim, and the force as an index into the
    places' forces, ``NOBODY`` where there is none; and the second from which the hub can know of the record."""

    incident: Numbers
    victim: Numbers
    force: Numbers
    known_at: Numbers

    def take(self, places: Numbers) -> "Truth":
        """The truth of some records."""
        return Truth(self.incident[places], self.victim[places], self.force[places], self.known_at[places])

    def and_then(self, other: "Truth") -> "Truth":
        """The truth of these records and of others after them."""
        return Truth(
            np.concatenate([self.incident, other.incident]),
            np.concatenate([self.victim, other.victim]),
            np.concatenate([self.force, other.force]),
            np.concatenate([self.known_at, other.known_at]),
        )

    @staticmethod
    def none(count: int) -> "Truth":
        """Of records that are about no incident of the hub's."""
        nobody = np.full(count, NOBODY)
        return Truth(nobody, nobody, nobody, nobody)

    @staticmethod
    def of(incident: Numbers, force: Numbers, victim: Numbers | None = None) -> "Truth":
        """Of records about incidents, and perhaps about their victims, which the hub does not refer to later."""
        nobody = np.full(len(incident), NOBODY)
        return Truth(incident, nobody if victim is None else victim, force, nobody)


@dataclass(frozen=True)
class FeedRows:
    """Records in the order of the files.

    ``cells`` has a text column for each column of the contract (null: empty), ``file`` says for each record which of
    ``file_names`` it is in, rising. ``rules`` are the names of the rules that must catch dirt, ``broken_rule`` for each
    record an index into them or ``CLEAN``; ``torn`` names the rule that breaks the record's form (its writer tears it).
    """

    feed: str
    cells: pa.Table
    file_names: Sequence[str]
    file: Numbers
    truth: Truth
    rules: tuple[str, ...]
    broken_rule: Numbers

    @property
    def count(self) -> int:
        """How many records there are."""
        return int(self.cells.num_rows)

    @property
    def numbers_in_file(self) -> Numbers:
        """The number of each record in its file, from 1."""
        _, first = np.unique(self.file, return_index=True)
        starts = np.zeros(self.count, dtype=np.int64)
        starts[first] = first
        return np.arange(self.count) - np.maximum.accumulate(starts) + 1

    @property
    def rule_names(self) -> pa.Array:
        """The rule that must catch each record; null for one that is right."""
        return pa.array(self.rules, pa.string()).take(
            pa.array(self.broken_rule, pa.int64(), mask=self.broken_rule == CLEAN)
        )

    def take(self, places: Numbers) -> "FeedRows":
        """Some of the records, in the order asked for."""
        return replace(
            self,
            cells=self.cells.take(pa.array(places)),
            file=self.file[places],
            truth=self.truth.take(places),
            broken_rule=self.broken_rule[places],
        )


def clean_rows(
    feed: str, cells: Mapping[str, pa.Array], file_names: Sequence[str], file: Numbers, truth: Truth
) -> FeedRows:
    """Records without dirt, put in the order of their files."""
    table = pa.table(dict(cells))
    rows = FeedRows(feed, table, file_names, file, truth, (), np.full(table.num_rows, CLEAN))
    return rows.take(np.argsort(file, kind="stable"))


def sent_again(rows: FeedRows, places: Numbers, files: Numbers, cells: pa.Table) -> FeedRows:
    """The rows, and at the end of later files (``files``) the records at ``places`` once more, as ``cells``."""
    again = replace(rows.take(places), file=files, cells=cells)
    both = replace(
        rows,
        cells=pa.concat_tables([rows.cells, again.cells]),
        file=np.concatenate([rows.file, again.file]),
        truth=rows.truth.and_then(again.truth),
        broken_rule=np.concatenate([rows.broken_rule, again.broken_rule]),
    )
    return both.take(np.argsort(both.file, kind="stable"))
