"""Sums of archived rows: what rows have in common, and how many of a delivery have it."""

import uuid
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.contracts.followed import Followed
from hub.ingest.archive.tables import ARCHIVE_SUMS

BETWEEN = "\0"
"""In no value: readers refuse it."""
LENGTH_OF_DAY = 10


@dataclass
class Sums:
    """The sums of one delivery, in the caller's transaction. Rows are given with dates in ISO 8601."""

    connection: sa.Connection
    followed: Followed
    delivery_id: uuid.UUID
    _ids: dict[str, int] = field(default_factory=dict, init=False)
    _counts: Counter[int] = field(default_factory=Counter, init=False)

    def add(self, rows: pa.Table) -> np.ndarray:
        """Count these rows. Returns for each the id of the sum that counts it. The ids rise in the order in which sums
        are first met, however the file is cut."""
        if not rows.num_rows:
            return np.empty(0, dtype=np.int32)
        names, values = self._summed(rows)
        texts = pc.binary_join_element_wise(*values, BETWEEN, null_handling="replace", null_replacement="")
        seen = texts.combine_chunks().dictionary_encode()
        of_texts: list[str] = seen.dictionary.to_pylist()
        self._make([one for one in of_texts if one not in self._ids], names)
        of_rows: np.ndarray = np.array([self._ids[one] for one in of_texts], dtype=np.int32)[seen.indices.to_numpy()]
        for sum_id, count in zip(*np.unique(of_rows, return_counts=True), strict=True):
            self._counts[int(sum_id)] += int(count)
        return of_rows

    def write(self) -> None:
        """Write the counts, when all rows are added."""
        if self._counts:
            columns = ARCHIVE_SUMS.c
            this = sa.update(ARCHIVE_SUMS).where(columns.sum_id == sa.bindparam("of_sum"))
            counts = [{"of_sum": sum_id, "count_rows": count} for sum_id, count in self._counts.items()]
            self.connection.execute(this.values(count_rows=sa.bindparam("count_rows")), counts)

    def _summed(self, rows: pa.Table) -> tuple[list[str], list[pa.ChunkedArray]]:
        day = self.followed.day
        names = [*(name for name in self.followed.sum_by if name != day), day]
        days = pc.utf8_slice_codeunits(rows.column(day), 0, LENGTH_OF_DAY)
        return names, [*(rows.column(name) for name in names[:-1]), days]

    def _make(self, texts: list[str], names: list[str]) -> None:
        if not texts:
            return
        fresh = [
            {"delivery_id": self.delivery_id, "summed_by": _as_values(text, names), "count_rows": 0} for text in texts
        ]
        statement = sa.insert(ARCHIVE_SUMS).returning(ARCHIVE_SUMS.c.sum_id, sort_by_parameter_order=True)
        self._ids |= zip(texts, self.connection.execute(statement, fresh).scalars(), strict=True)


def _as_values(text: str, names: list[str]) -> dict[str, str]:
    """What is empty is not given: no reader gives an empty text."""
    return {name: value for name, value in zip(names, text.split(BETWEEN), strict=True) if value}
